"""An index beside its oracle on one board, and changes of every kind to that board."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.core.db import reading
from app.core.events import categories_changed, company_changed, postings_changed
from app.core.money import Period
from app.domain.companies.models import Company
from app.domain.postings.models import Category, Posting, PostingCountry, PostingPlace, PostingStatus
from app.domain.search.filters import Filters
from app.domain.search.index import backend as backends
from app.domain.search.index.backend import IndexBackend
from app.domain.search.plain.backend import PlainBackend
from tests.domain.search.market import NOW, Market
from tests.domain.search.test_listing import random_filters


class Silent(PlainBackend):
    """Counts how often the index left the answer to plain SQL."""

    def __init__(self) -> None:
        self.asked = 0

    def page(self, *args):
        self.asked += 1
        return super().page(*args)

    def total(self, *args):
        self.asked += 1
        return super().total(*args)

    def facets(self, *args):
        self.asked += 1
        return super().facets(*args)


@dataclass
class Both:
    """The index and the oracle on one board."""

    market: Market
    plain: Silent
    index: IndexBackend
    chance: random.Random

    def agree(self, filters: Filters, now: datetime = NOW) -> int:
        """Assert that page by page, total and facets are the same; the total."""
        session, oracle = reading(), PlainBackend()
        session.rollback()
        after = None
        while True:
            page = self.index.page(session, filters, now, 40, after)
            assert page == oracle.page(session, filters, now, 40, after), filters
            if len(page) < 40:
                break
            after = page[-1][1]
        total = self.index.total(session, filters, now)
        assert total == oracle.total(session, filters, now), filters
        expanded = self.chance.choice([None, None, "place", "company"])
        found = self.index.facets(session, filters, now, "EUR", expanded)
        expected = oracle.facets(session, filters, now, "EUR", expanded)
        for argument, facet in expected.by_argument.items():
            assert found.by_argument[argument] == facet, filters
        assert found == expected, filters
        assert self.plain.asked == 0
        return total

    def agree_on_many(self, number: int, now: datetime = NOW) -> None:
        found = [self.agree(random_filters(self.market, self.chance), now) for _ in range(number)]
        assert self.agree(Filters(), now) >= max(found)


def changed(session: Session, *ids: int) -> None:
    postings_changed.send("tests", session=session, posting_ids=list(ids), now=NOW)


def shake(session: Session, both: Both) -> None:
    """One change of any kind, as services make them."""
    chance = both.chance
    id_ = chance.choice(both.market.facts).id
    kind = chance.choice(["edit", "freeze", "thaw", "end", "old", "new", "places", "delete", "company", "category"])
    posting = update(Posting).where(Posting.id == id_)
    if kind == "edit":
        session.execute(posting.values(
            title=both.market._words(4), salary_max=8_000_000, salary_year_max=8_000_000, salary_currency="EUR",
            salary_period=Period.YEAR, category_id=chance.choice([None, 1, 2]), type=None,
        ))  # fmt: skip
    elif kind in {"freeze", "thaw"}:
        session.execute(posting.values(frozen_at=NOW if kind == "freeze" else None))
    elif kind == "end":
        session.execute(posting.values(status=chance.choice([PostingStatus.CLOSED, PostingStatus.PUBLISHED])))
    elif kind == "places":
        session.execute(delete(PostingPlace).where(PostingPlace.posting_id == id_))
        session.execute(delete(PostingCountry).where(PostingCountry.posting_id == id_))
        for place in chance.sample(range(1, 6), chance.randint(0, 3)):
            session.add(PostingPlace(posting_id=id_, place_id=place))
        for country in chance.sample(["DE", "FR", "US", "JP", "001"], chance.randint(0, 3)):
            session.add(PostingCountry(posting_id=id_, country=country))
    elif kind == "delete":
        for model in (PostingPlace, PostingCountry):
            session.execute(delete(model).where(model.posting_id == id_))
        session.execute(delete(Posting).where(Posting.id == id_))
    elif kind == "company":
        number = chance.randint(1, 8)
        session.execute(update(Company).where(Company.id == number).values(
            suspended_at=chance.choice([NOW, None]), name=f"Acme {chance.randint(1, 99)}"))  # fmt: skip
        company_changed.send("tests", session=session, company_id=number, now=NOW)
    elif kind == "category":
        session.execute(update(Category).where(Category.id == 1).values(name=f"Field {chance.randint(1, 99)}"))
        categories_changed.send("tests", session=session, now=NOW)
    else:
        days = 0 if kind == "new" else chance.randint(1, 30)
        at = NOW - timedelta(days=days, seconds=chance.randint(0, 50))
        id_ = both.market.facts[-1].id + 1
        session.execute(
            insert(Posting).values(
                id=id_, title=both.market._words(4), slug="job", description_text=both.market._words(20), version=1,
                status=PostingStatus.PUBLISHED, published_at=at, expires_at=at + timedelta(days=31),
                created_at=NOW, updated_at=NOW, company_id=chance.choice([None, 1, 2]),
            )
        )  # fmt: skip
        both.market.facts.append(both.market._fact(id_))
    changed(session, id_)


@contextmanager
def no_reading_of_all() -> Iterator[None]:
    """Fail where a board is built from the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "build", None)
        yield
