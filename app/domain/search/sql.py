"""Pages and totals by plain SQL, on either engine."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings.models import Category, Posting
from app.domain.search import conditions
from app.domain.search.answers import Card, Facets, Position
from app.domain.search.facets import count
from app.domain.search.filters import Filters

_COLUMNS: tuple[Any, ...] = (
    Posting.id, Posting.version, Posting.slug, Posting.title, Company.slug, Company.name, Company.hue, Category.slug,
    Category.name, Posting.type, Posting.workplace, Posting.experience, Posting.place_label, Posting.salary_min,
    Posting.salary_max, Posting.salary_currency, Posting.salary_period, Posting.salary_year_min,
    Posting.salary_year_max, Posting.apply_url, Posting.published_at, Posting.expires_at, Posting.featured_at,
    Posting.times_reposted,
)  # fmt: skip
CARDS = select(*_COLUMNS).outerjoin(Posting.company).outerjoin(Posting.category)
"""Columns in the order of `Card`."""


class SqlBackend:
    """Asks the database every time."""

    def page(
        self, session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
    ) -> list[tuple[Card, Position]]:
        tier = conditions.tier(session, filters.query) if filters.order == "relevance" else literal(0)
        key = Posting.salary_year_max if filters.order == "salary" else Posting.published_at
        query = CARDS.add_columns(tier.label("tier")).where(*conditions.of(session, filters, now).all())
        if after is not None:
            query = query.where(_follows(filters, tier, after))
        order = ["tier"] if filters.order == "relevance" else []
        rows = session.execute(query.order_by(*order, key.desc(), Posting.id.desc()).limit(limit))
        return [_placed(filters, Card(*row[:-1]), row[-1]) for row in rows]

    def total(self, session: Session, filters: Filters, now: datetime) -> int:
        asked = conditions.of(session, filters, now).all()
        return session.scalar(select(func.count()).select_from(Posting).where(*asked)) or 0

    def facets(
        self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None
    ) -> Facets:
        return count(session, filters, now, currency, expanded)


def _placed(filters: Filters, card: Card, tier: int) -> tuple[Card, Position]:
    key: Any = card.salary_year_max if filters.order == "salary" else card.published_at.isoformat()
    return card, [tier, key, card.id]


def _follows(filters: Filters, tier: ColumnElement[int], after: Position) -> ColumnElement[bool]:
    """Rows behind a position: a keyset, so that page 500 costs what page 1 costs."""
    last_tier, last_key, last_id = after
    if filters.order == "salary":
        return tuple_(Posting.salary_year_max, Posting.id) < tuple_(literal(last_key), literal(last_id))
    published = datetime.fromisoformat(last_key)
    behind = tuple_(Posting.published_at, Posting.id) < tuple_(
        literal(published, Posting.published_at.type), literal(last_id)
    )
    return (tier > last_tier) | ((tier == last_tier) & behind) if filters.order == "relevance" else behind
