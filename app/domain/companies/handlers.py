"""What companies do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.events import account_closed
from app.domain.companies.services import leave_all
from app.domain.companies.services.tokens import forget_tokens


@account_closed.connect
def _let_go(sender: object, *, session: Session, user_id: int, actor: Actor, now: datetime) -> None:
    """Who leaves the board leaves every company, and no program acts for them any more."""
    leave_all(session, user_id, actor, now)
    forget_tokens(session, user_id)
