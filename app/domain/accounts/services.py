"""Writing people and their sessions."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.domain.accounts.identity import checked_email, checked_name, email_key, token_hash
from app.domain.accounts.models import User, UserSession

SESSION_LIFE = timedelta(days=30)


def create_user(
    session: Session, email: str, name: str, password_hash: str, now: datetime, *, is_admin: bool = False
) -> User:
    """A new person. Raises Invalid where the address is taken or malformed."""
    email = checked_email(email)
    key = email_key(email)
    if session.scalar(select(User.id).where(User.email_key == key)) is not None:
        raise Invalid(
            "This address has an account already.",
            {"email": "This address has an account already. Sign in instead."},
        )
    user = User(
        email=email, email_key=key, name=checked_name(name), password_hash=password_hash, is_admin=is_admin,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def open_session(session: Session, email: str, user_agent: str, now: datetime) -> str:
    """A new session for the person with this address; answers its 256-bit token, kept nowhere else."""
    user_id = session.scalars(select(User.id).where(User.email_key == email_key(email))).one()
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user_id, token_hash=token_hash(token), user_agent=user_agent[:200], created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    session.flush()
    return token


def close_session(session: Session, session_id: int, now: datetime) -> None:
    """End one session for good."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
