"""Proof of an address that comes with something else than its own link."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.domain.accounts.models import User
from app.domain.audit.services import record


def address_proved(session: Session, user_id: int, now: datetime) -> None:
    """The person read what was mailed to the address of their account; proved once, it stays so."""
    proved = session.execute(
        update(User)
        .where(User.id == user_id, User.email_verified_at.is_(None))
        .values(email_verified_at=now)
        .returning(User.id)
    ).first()
    if proved is not None:
        record(session, Actor(user_id, how="session"), "account.verify", ("user", user_id), now)
