"""Reading people."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.accounts.identity import email_key, token_hash
from app.domain.accounts.models import User, UserSession


def session_by_token(session: Session, token: str, now: datetime) -> UserSession | None:
    """The living session with this token, with its person; None once expired, revoked or suspended."""
    return session.scalar(
        select(UserSession)
        .join(UserSession.user)
        .options(joinedload(UserSession.user))
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            User.suspended_at.is_(None),
        )
    )


def by_email(session: Session, email: str) -> User | None:
    """The person with this address, however it is spelt."""
    return session.scalar(select(User).where(User.email_key == email_key(email)))


def stored_hash(session: Session, email: str) -> str | None:
    """The password hash of the living account with this address, for `passwords.verify`."""
    return session.scalar(
        select(User.password_hash).where(User.email_key == email_key(email), User.suspended_at.is_(None))
    )
