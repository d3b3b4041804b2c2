"""What many rows ask for at once, looked up together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from app.core.actor import Actor
from app.core.db import Session, reading
from app.core.links import Links
from app.domain.alerts.queries import still_live
from app.domain.applications.queries import by_ids
from app.domain.companies.queries import by_slugs
from app.domain.postings.queries import live_counts, told
from app.domain.search.queries import by_category
from app.web.api.schemas.applications import WholeApplicant
from app.web.api.telling import whole_document
from app.web.documents import company_document, posting_document

Key = TypeVar("Key")


def _loader(find: Callable[[Sequence[Key]], dict[Key, Any]]) -> DataLoader[Key, Any]:
    async def load(keys: list[Key]) -> Sequence[Any]:
        found = find(keys)
        return [found.get(key) for key in keys]

    return DataLoader(cast(Callable[[list[Key]], Awaitable[Sequence[Any]]], load))


@dataclass
class Asking:
    """Who asks, when, and what is looked up for all of the question together."""

    actor: Actor
    now: datetime
    links: Links
    named: bool = False
    """Whether it is told which of several questions is meant."""

    @property
    def session(self) -> Session:
        return reading()

    @cached_property
    def postings(self) -> DataLoader[int, Any]:
        """Live postings as everybody may read them, by id; None for what is not live."""
        return _loader(self._postings)

    def _postings(self, ids: Sequence[int]) -> dict[int, Any]:
        open_now = still_live(self.session, ids, self.now)
        return {
            found.id: posting_document(found, self.links, self.now) for found in told(self.session, open_now).values()
        }

    @cached_property
    def applicants(self) -> DataLoader[int, Any]:
        """Applications with all that came with them, by id; for members of their company."""
        return _loader(self._applicants)

    def _applicants(self, ids: Sequence[int]) -> dict[int, Any]:
        found = by_ids(self.session, ids)
        return {one.id: WholeApplicant.model_validate(whole_document(one)) for one in found}

    @cached_property
    def companies(self) -> DataLoader[str, Any]:
        """Companies as everybody may read them, by slug, with `id` beside what they are told by."""
        return _loader(self._companies)

    def _companies(self, slugs: Sequence[str]) -> dict[str, Any]:
        found = by_slugs(self.session, slugs)
        return {one.slug: company_document(one, self.links) | {"id": one.id} for one in found}

    @cached_property
    def live_numbers(self) -> DataLoader[int, Any]:
        """How many live postings a company has, by its id."""
        return _loader(lambda ids: dict.fromkeys(ids, 0) | live_counts(self.session, ids, self.now))

    @cached_property
    def by_field(self) -> dict[str, int]:
        """How many live postings each field of work has, by slug."""
        return {one.value: one.count for one in by_category(self.session, self.now)[1]}


Info = StrawberryInfo[Asking, None]
