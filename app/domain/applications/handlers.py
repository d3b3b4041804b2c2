"""What applications do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.events import posting_ended
from app.domain.applications.services import end_open


@posting_ended.connect
def _answer_everybody(sender: object, *, session: Session, posting_id: int, actor: Actor, now: datetime) -> None:
    """A posting does not end in silence."""
    end_open(session, posting_id, now)
