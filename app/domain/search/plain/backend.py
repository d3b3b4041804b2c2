"""Pages and totals by plain SQL, on either engine."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings.models import Category, Posting
from app.domain.search.answers import Card, Facets, Position
from app.domain.search.facets import Sheet, draw
from app.domain.search.filters import Filters
from app.domain.search.grammar import Query
from app.domain.search.plain import conditions
from app.domain.search.plain.counting import PlainCounts

_COLUMNS: tuple[Any, ...] = (
    Posting.id, Posting.version, Posting.slug, Posting.title, Company.slug, Company.name, Company.hue,
    Category.slug, Category.name, Posting.type, Posting.workplace, Posting.experience, Posting.place_label,
    Posting.salary_min, Posting.salary_max, Posting.salary_currency, Posting.salary_period,
    Posting.salary_year_min, Posting.salary_year_max, Posting.apply_url, Posting.published_at,
    Posting.expires_at, Posting.featured_at, Posting.times_reposted,
)  # fmt: skip
CARDS = select(*_COLUMNS).outerjoin(Posting.company).outerjoin(Posting.category)
"""Columns in the order of `Card`."""
_THESE = CARDS.where(Posting.id.in_(bindparam("ids", expanding=True)))


def cards_of(session: Session, ids: Sequence[int]) -> dict[int, Card]:
    """The cards of these postings, live or not, by id."""
    rows = session.connection().execute(_THESE, {"ids": ids}) if ids else ()
    return {row[0]: Card(*row) for row in rows}


class PlainBackend:
    """Asks the database every time."""

    def steady(self, session: Session) -> AbstractContextManager[None]:
        return nullcontext()

    def too_broad(self, session: Session, query: Query, now: datetime) -> bool:
        return False

    def page(
        self, session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
    ) -> list[tuple[Card, Position]]:
        top = _top(session, filters, now, limit, after).subquery()
        rows = session.execute(
            CARDS.add_columns(top.c.tier)
            .join(top, top.c.id == Posting.id)
            .order_by(top.c.tier, top.c.key.desc(), top.c.id.desc())
        )
        return [placed(filters, Card(*row[:-1]), row[-1]) for row in rows]

    def total(self, session: Session, filters: Filters, now: datetime) -> int:
        asked = conditions.of(session, filters, now).all()
        return session.scalar(select(func.count()).select_from(Posting).where(*asked)) or 0

    def facets(self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None) -> Facets:
        sheet = Sheet(filters, filters.currency or currency, expanded)
        return draw(sheet, PlainCounts(session, sheet, now))


def placed(filters: Filters, card: Card, tier: int) -> tuple[Card, Position]:
    """A card with its position in the list."""
    key: Any = card.salary_year_max if filters.order == "salary" else card.published_at.isoformat()
    return card, [tier, key, card.id]


def _top(
    session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
) -> Select[*tuple[Any, ...]]:
    """The next ids behind a position: a keyset, so that page 500 costs what page 1 costs."""
    key = Posting.salary_year_max if filters.order == "salary" else Posting.published_at
    by_tier = filters.order == "relevance"
    tier = conditions.tier(session, filters.query) if by_tier else literal(0)
    columns: tuple[Any, ...] = (Posting.id, key.label("key"), tier.label("tier"))
    found = select(*columns).where(*conditions.of(session, filters, now).all())
    if not by_tier:
        order = (key.desc(), Posting.id.desc())
        return (found if after is None else found.where(_behind(key, Posting.id, after))).order_by(*order).limit(limit)
    ranked = found.cte("ranked").prefix_with("MATERIALIZED", dialect="postgresql")
    rest = select(ranked)
    if after is not None:
        within = (ranked.c.tier == after[0]) & _behind(ranked.c.key, ranked.c.id, after)
        rest = rest.where((ranked.c.tier > after[0]) | within)
    return rest.order_by(ranked.c.tier, ranked.c.key.desc(), ranked.c.id.desc()).limit(limit)


def _behind(key: Any, id_: Any, after: Position) -> ColumnElement[bool]:
    _, last_key, last_id = after
    last = datetime.fromisoformat(last_key) if isinstance(last_key, str) else last_key
    return tuple_(key, id_) < tuple_(literal(last, key.type), literal(last_id))
