"""Access that programs renew: each refresh token is good once, and one used twice ends the session it is of."""

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import RefreshToken
from app.domain.accounts.queries import session_by_id
from app.domain.accounts.services.sessions import close_session


class Renewed(NamedTuple):
    """The session that goes on, and the token that renews it next."""

    session_id: int
    token: str


def issue(session: Session, session_id: int, now: datetime) -> str:
    """A new 256-bit refresh token of a session; its hash is what stays."""
    token = secrets.token_urlsafe(32)
    session.add(RefreshToken(session_id=session_id, token_hash=token_hash(token), created_at=now))
    session.flush()
    return token


def renew(session: Session, token: str, now: datetime) -> Renewed | None:
    """Use a refresh token up. None where it is unknown or its session is over.

    None too where it was used before: then somebody else has it, and the session ends for both (RFC 9700, 4.14.2).
    """
    found = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == token_hash(token)))
    if found is None or session_by_id(session, found.session_id, now) is None:
        return None
    fresh = session.execute(
        update(RefreshToken)
        .where(RefreshToken.id == found.id, RefreshToken.used_at.is_(None))
        .values(used_at=now)
        .returning(RefreshToken.id)
    )
    if fresh.first() is None:
        close_session(session, found.session_id, now)
        return None
    return Renewed(found.session_id, issue(session, found.session_id, now))


def end(session: Session, token: str, now: datetime) -> None:
    """End the session of a refresh token, used or not; an unknown one is no error (RFC 7009, 2.2)."""
    session_id = session.scalar(select(RefreshToken.session_id).where(RefreshToken.token_hash == token_hash(token)))
    if session_id is not None:
        close_session(session, session_id, now)
