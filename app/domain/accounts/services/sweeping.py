"""Forgetting what lets nobody in any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.domain.accounts.models import RefreshToken, UserSession

KEPT = timedelta(days=7)
"""How long a session that ended, and a refresh token that was used, are remembered: a thief who shows one within that
time ends the session, later they are told the same as anybody who guesses."""


def forget_sessions(session: Session, now: datetime, limit: int) -> int:
    """Forget sessions that ended some time ago, with what renewed them; how many they were, at most `limit`."""
    before = now - KEPT
    ended = or_(UserSession.expires_at <= before, UserSession.revoked_at <= before)
    old = select(UserSession.id).where(ended).limit(limit)
    return len(session.execute(delete(UserSession).where(UserSession.id.in_(old)).returning(UserSession.id)).all())


def forget_used(session: Session, now: datetime, limit: int) -> int:
    """Forget refresh tokens that were used some time ago; how many they were, at most `limit`."""
    old = select(RefreshToken.id).where(RefreshToken.used_at <= now - KEPT).limit(limit)
    return len(session.execute(delete(RefreshToken).where(RefreshToken.id.in_(old)).returning(RefreshToken.id)).all())
