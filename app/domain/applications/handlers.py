"""What applications do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.events import posting_ended, posting_restored
from app.domain.applications.services import end_open, open_again


@posting_ended.connect
def _answer_everybody(sender: object, *, session: Session, posting_id: int, actor: Actor, now: datetime) -> None:
    """A posting does not end in silence."""
    end_open(session, posting_id, now)


@posting_restored.connect
def _take_answers_back(sender: object, *, session: Session, posting_id: int, ended_at: datetime, now: datetime) -> None:
    """An end that was undone leaves no outcome behind."""
    open_again(session, posting_id, ended_at, now)
