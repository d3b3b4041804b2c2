"""Reading what people follow."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.core.db import BigId, UTCDateTime
from app.domain.alerts.models import SavedPosting, SavedSearch
from app.domain.postings.models import Posting
from app.domain.postings.queries import live
from app.domain.search.filters import Filters


def saved_ids(session: Session, user_id: int | None, posting_ids: Collection[int]) -> set[int]:
    """Those of `posting_ids` that the person has saved; none for nobody."""
    if user_id is None or not posting_ids:
        return set()
    mine = select(SavedPosting.posting_id).where(
        SavedPosting.user_id == user_id, SavedPosting.posting_id.in_(posting_ids)
    )
    return set(session.scalars(mine))


def saved_page(
    session: Session, user_id: int, after: tuple[datetime, int] | None, limit: int
) -> list[SavedPosting]:
    """What the person saved, latest first, at most `limit` + 1. `after` is (saved at, posting id)."""
    place = tuple_(SavedPosting.saved_at, SavedPosting.posting_id)
    query = (
        select(SavedPosting)
        .options(joinedload(SavedPosting.posting).joinedload(Posting.company))
        .where(SavedPosting.user_id == user_id)
        .order_by(SavedPosting.saved_at.desc(), SavedPosting.posting_id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(place < tuple_(*after, types=(UTCDateTime(), BigId)))
    return list(session.scalars(query))


def saved_number(session: Session, user_id: int) -> int:
    """How many postings the person saved."""
    return session.scalar(select(func.count()).where(SavedPosting.user_id == user_id)) or 0


def closing_soon(session: Session, user_id: int, now: datetime, until: datetime, limit: int) -> list[SavedPosting]:
    """What the person saved that is live and closes before `until`, the first to close first, at most `limit`."""
    return list(
        session.scalars(
            select(SavedPosting)
            .join(SavedPosting.posting)
            .options(contains_eager(SavedPosting.posting).joinedload(Posting.company))
            .where(SavedPosting.user_id == user_id, live(now), Posting.expires_at < until)
            .order_by(Posting.expires_at, Posting.id)
            .limit(limit)
        )
    )


def saved_by_end(
    session: Session, user_id: int, after: tuple[datetime, int] | None, limit: int, now: datetime
) -> list[SavedPosting]:
    """What the person saved that is live, by its end, at most `limit` + 1; `after` is (end, posting id)."""
    query = (
        select(SavedPosting)
        .join(SavedPosting.posting)
        .options(contains_eager(SavedPosting.posting).joinedload(Posting.company))
        .where(SavedPosting.user_id == user_id, live(now))
        .order_by(Posting.expires_at, Posting.id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(
            tuple_(Posting.expires_at, Posting.id) > tuple_(*after, types=(UTCDateTime(), BigId))
        )
    return list(session.scalars(query))


def still_live(session: Session, posting_ids: Collection[int], now: datetime) -> set[int]:
    """Those of `posting_ids` that are live at `now`."""
    return set(session.scalars(select(Posting.id).where(Posting.id.in_(posting_ids), live(now))))


def searches_of(session: Session, user_id: int) -> list[SavedSearch]:
    """The searches a person saved, latest first; they are few."""
    mine = select(SavedSearch).where(SavedSearch.user_id == user_id)
    return list(session.scalars(mine.order_by(SavedSearch.saved_at.desc(), SavedSearch.id.desc())))


def has_search(session: Session, user_id: int | None, filters: Filters) -> bool:
    """Whether the person saved this listing; nobody saved none."""
    if user_id is None:
        return False
    mine = select(SavedSearch.id).where(SavedSearch.user_id == user_id, SavedSearch.digest == digest_of(filters))
    return session.scalar(mine) is not None


def digest_of(filters: Filters) -> str:
    """What a listing is known by: SHA-256 of its canonical arguments."""
    return hashlib.sha256(filters.to_query().encode()).hexdigest()
