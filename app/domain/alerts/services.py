"""Following postings and letting go of them."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.alerts.models import SavedPosting


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


def unsave_all(session: Session, user_id: int) -> None:
    """Let go of everything a person saved."""
    session.execute(delete(SavedPosting).where(SavedPosting.user_id == user_id))
