"""What a listing answers with: cards, pages, facets; and the seam behind which they are found."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy.orm import Session

from app.core.money import Period
from app.domain.postings.models import EmploymentType, Experience, Workplace
from app.domain.search.filters import Filters
from app.domain.search.grammar import Query


class Card(NamedTuple):
    """A live posting as a list shows it. Pay is in minor units of `salary_currency`."""

    id: int
    version: int
    slug: str
    title: str
    company_slug: str | None
    company_name: str | None
    company_hue: int | None
    category_slug: str | None
    category_name: str | None
    type: EmploymentType | None
    workplace: Workplace
    experience: Experience | None
    place_label: str
    salary_min: int | None
    salary_max: int | None
    salary_currency: str | None
    salary_period: Period | None
    salary_year_min: int | None
    salary_year_max: int | None
    apply_url: str | None
    published_at: datetime
    expires_at: datetime
    featured_at: datetime | None
    times_reposted: int


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet; `count` is the total that choosing it alone would give."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The options of one argument; `more` when some were left out."""

    argument: str
    options: tuple[Option, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Facets:
    """The total, and every facet counted without its own filter.

    `currencies` are those pay is stated in, commonest first.
    """

    total: int
    by_argument: Mapping[str, Facet]
    currency: str
    currencies: tuple[str, ...] = ()


Position = list[Any]
"""A place in a list's order: the values of its sort keys, plain JSON."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some cards in the list's order, each with its position, and the cursor of what follows (None at the end)."""

    cards: tuple[Card, ...]
    next: str | None = field(default=None)
    positions: tuple[Position, ...] = ()


class Backend(Protocol):
    """Who finds. All answers are exact at `now` in the session's transaction."""

    def steady(self, session: Session) -> AbstractContextManager[None]:
        """While this lasts all answers are of one moment, and found as fast as they can be. The transaction may begin
        anew at its start.
        """

    def page(
        self, session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
    ) -> list[tuple[Card, Position]]:
        """At most `limit` cards that follow `after`, each with its own position."""

    def too_broad(self, session: Session, query: Query, now: datetime) -> bool:
        """Whether so many postings would have to be read for the words that nobody should wait for it."""

    def total(self, session: Session, filters: Filters, now: datetime) -> int:
        """How many postings the list holds."""

    def facets(self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None) -> Facets:
        """Total and facets; `expanded` names the facet whose long tail is wanted."""
