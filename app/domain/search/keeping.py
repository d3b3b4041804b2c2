"""Which counts are kept, for how long they are good, and how they are written down as plain data."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.postings.models import Posting, PostingStatus
from app.domain.search.answers import Facet, Facets, Option
from app.domain.search.filters import RADIUS_KM, Filters

Sizes = tuple[int, tuple[Option, ...]]
"""A total, and the categories it is made of."""

_ASIDE = {"sort", "currency"}


def worth_keeping(filters: Filters) -> bool:
    """Whether many ask for this listing: no words, and one thing chosen at the most."""
    chosen = [argument for argument, _ in filters.to_args() if argument not in _ASIDE]
    return not filters.q and len(chosen) <= 1 and filters.radius_km == RADIUS_KM


def next_change(session: Session, now: datetime, ages: Iterable[int] = ()) -> datetime | None:
    """The next instant at which time alone may change a count: a posting begins, ends, or is `ages` days old."""
    public = Posting.status == PostingStatus.PUBLISHED
    begun = select(func.min(Posting.published_at)).where(public)
    spans = [timedelta(days=days) for days in ages]
    ends = select(func.min(Posting.expires_at)).where(Posting.expires_at > now, Posting.ended_at.is_(None))
    aged = [begun.where(Posting.published_at >= now - span) for span in spans]
    found = session.execute(
        select(*(one.scalar_subquery() for one in (begun.where(Posting.published_at > now), ends, *aged)))
    ).one()
    shifts = [timedelta(), timedelta(), *spans]
    return min((at + shift for at, shift in zip(found, shifts, strict=True) if at is not None), default=None)


def plain_sizes(sizes: Sizes) -> Any:
    return [sizes[0], _plain(sizes[1])]


def sizes_of(data: Any) -> Sizes:
    """The reverse. Raises TypeError or ValueError on other data."""
    total, options = data
    return _number(total), _options(options)


def plain_facets(facets: Facets) -> Any:
    return {
        "total": facets.total, "currency": facets.currency, "currencies": facets.currencies,
        "facets": [[facet.argument, facet.more, _plain(facet.options)] for facet in facets.by_argument.values()],
    }


def facets_of(data: Any) -> Facets:
    """The reverse. Raises KeyError, TypeError or ValueError on other data."""
    found = {argument: Facet(argument, _options(options), bool(more)) for argument, more, options in data["facets"]}
    return Facets(_number(data["total"]), found, str(data["currency"]), tuple(map(str, data["currencies"])))


def _plain(options: Iterable[Option]) -> Any:
    return [[option.value, option.label, option.count, option.chosen] for option in options]


def _options(data: Any) -> tuple[Option, ...]:
    return tuple(Option(str(value), str(label), _number(count), bool(chosen)) for value, label, count, chosen in data)


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
