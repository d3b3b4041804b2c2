"""Signed-in browsers: opened, seen, ended."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.accounts.identity import email_key, token_hash
from app.domain.accounts.models import User, UserSession

SESSION_LIFE = timedelta(days=30)


def open_session(session: Session, email: str, user_agent: str, now: datetime) -> str:
    """A new session for the person with this address; answers its 256-bit token, kept nowhere else."""
    user_id = session.scalars(select(User.id).where(User.email_key == email_key(email))).one()
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user_id, token_hash=token_hash(token), user_agent=user_agent[:200], created_at=now,
            last_seen_at=now, expires_at=now + SESSION_LIFE,
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


def revoke_sessions(session: Session, user_id: int, now: datetime, *, keep: int | None = None) -> None:
    """End every session of a person but `keep`: after a new password, a suspension, a change of the second factor."""
    living = update(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
    if keep is not None:
        living = living.where(UserSession.id != keep)
    session.execute(living.values(revoked_at=now))


def revoke_own(session: Session, user_id: int, session_id: int, now: datetime) -> bool:
    """End one of the person's sessions. False where it is not theirs."""
    mine = select(UserSession.id).where(UserSession.id == session_id, UserSession.user_id == user_id)
    if session.scalar(mine) is None:
        return False
    close_session(session, session_id, now)
    return True


def seen(session: Session, session_id: int, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))
