"""For how long the totals of the home page are good, and how they are written down as plain data."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.postings.models import Posting, PostingStatus
from app.domain.search.answers import Option

Sizes = tuple[int, tuple[Option, ...]]
"""A total, and the categories it is made of."""


def next_change(session: Session, now: datetime) -> datetime | None:
    """The next instant at which time alone may change a total: a posting begins or ends."""
    public = Posting.status == PostingStatus.PUBLISHED
    begun = select(func.min(Posting.published_at)).where(public)
    ends = select(func.min(Posting.expires_at)).where(Posting.expires_at > now, Posting.ended_at.is_(None))
    asked = (begun.where(Posting.published_at > now), ends)
    found = session.execute(select(*(one.scalar_subquery() for one in asked))).one()
    return min((at for at in found if at is not None), default=None)


def last_change(session: Session, now: datetime) -> datetime | None:
    """The last instant at which time alone changed what is live: a posting began or ended.

    Of postings whose end is written down already the log of changes tells.
    """
    public = Posting.status == PostingStatus.PUBLISHED
    began = select(func.max(Posting.published_at)).where(public, Posting.published_at <= now)
    ended = select(func.max(Posting.expires_at)).where(Posting.expires_at <= now, Posting.ended_at.is_(None))
    found = session.execute(select(began.scalar_subquery(), ended.scalar_subquery())).one()
    return max((at for at in found if at is not None), default=None)


def plain_sizes(sizes: Sizes) -> Any:
    return [sizes[0], _plain(sizes[1])]


def sizes_of(data: Any) -> Sizes:
    """The reverse. Raises TypeError or ValueError on other data."""
    total, options = data
    return _number(total), _options(options)


def _plain(options: Iterable[Option]) -> Any:
    return [[option.value, option.label, option.count, option.chosen] for option in options]


def _options(data: Any) -> tuple[Option, ...]:
    return tuple(Option(str(value), str(label), _number(count), bool(chosen)) for value, label, count, chosen in data)


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
