"""Following postings and searches, and letting go of them."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.domain.alerts.models import SavedPosting, SavedSearch
from app.domain.alerts.queries import digest_of, has_search
from app.domain.search.filters import Filters

MOST_SEARCHES = 100


def save(session: Session, user_id: int, posting_id: int, now: datetime) -> None:
    """Keep an eye on a posting; saving it again changes nothing."""
    mine = select(SavedPosting).where(SavedPosting.user_id == user_id, SavedPosting.posting_id == posting_id)
    if session.scalar(mine) is not None:
        return
    try:
        with session.begin_nested():
            session.add(SavedPosting(user_id=user_id, posting_id=posting_id, saved_at=now))
    except IntegrityError:
        if session.scalar(mine) is None:  # not the other tab: the person or the posting is gone
            raise


def unsave(session: Session, user_id: int, posting_id: int) -> None:
    """Let go of a posting; a posting that was not saved stays so."""
    session.execute(
        delete(SavedPosting).where(SavedPosting.user_id == user_id, SavedPosting.posting_id == posting_id)
    )


def save_search(session: Session, user_id: int, filters: Filters, name: str, now: datetime) -> None:
    """Come back to a listing, called `name`; saving it again changes nothing. Raises Invalid beyond MOST_SEARCHES."""
    if has_search(session, user_id, filters):
        return
    number = session.scalar(select(func.count()).where(SavedSearch.user_id == user_id)) or 0
    if number >= MOST_SEARCHES:
        raise Invalid(f"You saved {MOST_SEARCHES} searches, which is the most. Remove one at /me/searches first.")
    found = SavedSearch(
        user_id=user_id, name=name[:200], query=filters.to_query(), digest=digest_of(filters), saved_at=now
    )
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError:
        if not has_search(session, user_id, filters):  # not the other tab: the person is gone
            raise


def unsave_search(session: Session, user_id: int, search_id: int) -> None:
    """Let go of a search of one's own; one that is not there stays so."""
    session.execute(delete(SavedSearch).where(SavedSearch.user_id == user_id, SavedSearch.id == search_id))


def unsave_all(session: Session, user_id: int) -> None:
    """Let go of everything a person saved."""
    session.execute(delete(SavedPosting).where(SavedPosting.user_id == user_id))
    session.execute(delete(SavedSearch).where(SavedSearch.user_id == user_id))
