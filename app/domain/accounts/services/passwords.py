"""New passwords: in place of a forgotten one, and at one's own wish. Hashed before they come here."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Gone
from app.domain.accounts.identity import address_hash, checked_email, email_key
from app.domain.accounts.models import AccountToken, TokenPurpose, User
from app.domain.accounts.services.attempts import forget
from app.domain.accounts.services.sessions import revoke_sessions
from app.domain.accounts.services.tokens import OVER, consume, void
from app.domain.audit.services import record
from app.domain.mail.services import owe

_ONE_MAIL_IN = timedelta(minutes=5)


def ask_to_reset(session: Session, email: str, now: datetime) -> None:
    """Owe a link to this address, whoever has it: whether anybody does is asked when the mail leaves.

    Raises Invalid where it is no address. One mail in five minutes at the most.
    """
    email = checked_email(email)
    turn = int(now.timestamp() // _ONE_MAIL_IN.total_seconds())
    who = hashlib.sha256(email_key(email).encode()).hexdigest()[:32]
    owe(session, "reset-password", email, f"reset-password:{who}:{turn}", now, email=email)


def reset_password(session: Session, token: str, password_hash: str, now: datetime) -> User:
    """A new password by a mailed link. Every session ends, every other reset link too; the person is told.

    Raises Gone where the link is no good, the address changed, or the account is suspended or closed.
    """
    found = consume(session, token, (TokenPurpose.RESET_PASSWORD,), now)
    user = found.user
    if not resettable(found):
        raise Gone(OVER)
    if user.email_verified_at is None:
        user.email_verified_at = now  # the link reached them at this very address
    _set(session, user, password_hash, now, keep=None)
    return user


def resettable(token: AccountToken) -> bool:
    """Whether a reset link still stands for the person's address and living account."""
    user = token.user
    same = token.address_hash == address_hash(user.email)
    return same and user.suspended_at is None and user.closed_at is None


def change_password(
    session: Session, user: User, checked_hash: str, password_hash: str, actor: Actor, now: datetime
) -> None:
    """A new password at one's own wish; the other sessions end.

    `checked_hash` is the hash the old password was held against. Raises Conflict where it is no longer the one kept.
    """
    if user.password_hash != checked_hash:
        raise Conflict("Your password was changed at the same moment. Look again and repeat.")
    _set(session, user, password_hash, now, keep=actor.session_id)


def _set(session: Session, user: User, password_hash: str, now: datetime, *, keep: int | None) -> None:
    user.password_hash = password_hash
    revoke_sessions(session, user.id, now, keep=keep)
    void(session, user.id, now, TokenPurpose.RESET_PASSWORD)
    forget(session, user.email)
    record(session, Actor(user.id, how="session"), "account.password", ("user", user.id), now)
    owe(session, "password-changed", user.email, f"password-changed:{user.id}:{user.version}", now, user_id=user.id)
    session.flush()
