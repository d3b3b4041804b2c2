"""Showing that an address is one's own."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Gone
from app.domain.accounts.identity import address_hash
from app.domain.accounts.models import TokenPurpose, User
from app.domain.accounts.services.tokens import OVER, consume, void
from app.domain.audit.services import record
from app.domain.mail.services import owe


def ask_to_verify(session: Session, user: User, now: datetime) -> None:
    """Owe the person a link to confirm their address: one a minute at the most, none once it is confirmed."""
    if user.email_verified_at is None and user.closed_at is None:
        key = f"verify-email:{user.id}:{address_hash(user.email)[:16]}:{now:%Y%m%d%H%M}"
        owe(session, "verify-email", user.email, key, now, user_id=user.id)


def verify(session: Session, token: str, now: datetime) -> User:
    """Take a link's word that the address is theirs. Raises Gone where the link is no good, or the address changed."""
    found = consume(session, token, (TokenPurpose.VERIFY_EMAIL,), now)
    user = found.user
    if found.address_hash != address_hash(user.email):
        raise Gone(OVER)
    if user.email_verified_at is None:
        user.email_verified_at = now
        record(session, Actor(user.id, how="session"), "account.verify", ("user", user.id), now)
    void(session, user.id, now, TokenPurpose.VERIFY_EMAIL)
    session.flush()
    return user
