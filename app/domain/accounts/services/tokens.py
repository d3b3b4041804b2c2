"""Mailed links: minted when the mail leaves, kept as hashes, good once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.errors import Gone
from app.domain.accounts.identity import address_hash, token_hash
from app.domain.accounts.models import AccountToken, TokenPurpose, User
from app.domain.accounts.queries import living_token

LIFE = {
    TokenPurpose.VERIFY_EMAIL: timedelta(hours=24),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.CHANGE_EMAIL_OLD: timedelta(hours=24),
    TokenPurpose.CHANGE_EMAIL_NEW: timedelta(hours=24),
}
OVER = "This link has been used, or its time is over. Ask for a new one."


def mint(
    session: Session, user: User, purpose: TokenPurpose, email: str, now: datetime, *, change_id: int | None = None
) -> str:
    """A new 256-bit token for a link mailed to `email`; answered once, its hash is what stays."""
    token = secrets.token_urlsafe(32)
    session.add(
        AccountToken(
            user_id=user.id, purpose=purpose, token_hash=token_hash(token), address_hash=address_hash(email),
            change_id=change_id, created_at=now, expires_at=now + LIFE[purpose],
        )
    )
    session.flush()
    return token


def consume(session: Session, token: str, purposes: tuple[TokenPurpose, ...], now: datetime) -> AccountToken:
    """Use a token up. Raises Gone where it is used, over, unknown or meant for something else."""
    found = living_token(session, token, purposes, now)
    if found is None:
        raise Gone(OVER)
    used = session.execute(
        update(AccountToken)
        .where(AccountToken.id == found.id, AccountToken.used_at.is_(None))
        .values(used_at=now)
        .returning(AccountToken.id)
    )
    if used.first() is None:
        raise Gone(OVER)
    return found


def void(session: Session, user_id: int, now: datetime, *purposes: TokenPurpose) -> None:
    """Make every unused link of these kinds worthless."""
    session.execute(
        update(AccountToken)
        .where(
            AccountToken.user_id == user_id, AccountToken.purpose.in_(purposes), AccountToken.used_at.is_(None)
        )
        .values(used_at=now)
    )
