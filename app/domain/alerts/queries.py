"""Reading what people follow."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from app.core.db import BigId, UTCDateTime
from app.domain.alerts.models import SavedPosting
from app.domain.postings.models import Posting
from app.domain.postings.queries import live


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


def still_live(session: Session, posting_ids: Collection[int], now: datetime) -> set[int]:
    """Those of `posting_ids` that are live at `now`."""
    return set(session.scalars(select(Posting.id).where(Posting.id.in_(posting_ids), live(now))))
