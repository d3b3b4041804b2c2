"""What alerts do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.events import account_closed
from app.domain.alerts.services import unsave_all


@account_closed.connect
def _forget(sender: object, *, session: Session, user_id: int, actor: Actor, now: datetime) -> None:
    """What a person saved goes with them."""
    unsave_all(session, user_id)
