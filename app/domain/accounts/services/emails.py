"""Moving to another address: both have to say yes, the old one where it was ever proved."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Gone, Invalid
from app.domain.accounts.identity import address_hash, checked_email, email_key
from app.domain.accounts.models import AccountToken, EmailChange, TokenPurpose, User
from app.domain.accounts.queries import by_email, open_change
from app.domain.accounts.services.tokens import OVER, consume, void
from app.domain.audit.services import record
from app.domain.mail.services import owe

LIFE = timedelta(hours=24)
_BOTH = (TokenPurpose.CHANGE_EMAIL_OLD, TokenPurpose.CHANGE_EMAIL_NEW)


def ask_to_change(session: Session, user: User, email: str, now: datetime) -> EmailChange:
    """Begin moving to `email`: a link goes to each address, and an earlier wish is over. An address nobody ever proved
    may be mistyped: it is not asked, or nobody could correct it.

    Raises Invalid where it is no address, or the one they have. One that is somebody else's is answered like a free
    one: no mail goes there, so it never comes to pass.
    """
    email = checked_email(email)
    if email == user.email:
        raise Invalid("This is your address already.", {"email": "This is your address already."})
    known = open_change(session, user.id, now)
    if known is not None and known.email == email:
        return known
    end_changes(session, user.id, now)
    proved = user.email_verified_at is not None
    change = EmailChange(
        user_id=user.id, email=email, created_at=now, expires_at=now + LIFE, old_confirmed_at=None if proved else now
    )
    session.add(change)
    session.flush()
    if proved:
        owe(session, "change-email-old", user.email, f"change-email-old:{change.id}", now, change_id=change.id)
    owe(session, "change-email-new", email, f"change-email-new:{change.id}", now, change_id=change.id)
    return change


def end_changes(session: Session, user_id: int, now: datetime) -> None:
    """Take back a wish that is still open, with its links."""
    session.execute(
        update(EmailChange).where(EmailChange.user_id == user_id, EmailChange.ended_at.is_(None)).values(ended_at=now)
    )
    void(session, user_id, now, *_BOTH)


def answer_change(session: Session, token: str, now: datetime, *, yes: bool) -> EmailChange:
    """One address's answer. The second yes applies the change; a no ends it.

    Raises Gone where the link is no good, Conflict where the new address has become somebody else's.
    """
    found = consume(session, token, _BOTH, now)
    change, user = found.change, found.user
    if change is None or change.ended_at is not None or user.suspended_at is not None or user.closed_at is not None:
        raise Gone(OVER)
    if not yes:
        end_changes(session, user.id, now)
        session.flush()
        return change
    if found.purpose is TokenPurpose.CHANGE_EMAIL_OLD:
        change.old_confirmed_at = now
    else:
        change.new_confirmed_at = now
    if change.old_confirmed_at and change.new_confirmed_at:
        _apply(session, user, change, now)
    session.flush()
    return change


def _apply(session: Session, user: User, change: EmailChange, now: datetime) -> None:
    other = by_email(session, change.email)
    if other is not None and other.id != user.id:
        raise Conflict("This address belongs to an account by now. Ask for another one under My page, Security.")
    change.ended_at = now
    user.email, user.email_key, user.email_verified_at = change.email, email_key(change.email), now
    void(session, user.id, now, *TokenPurpose)
    record(session, Actor(user.id, how="session"), "account.email", ("user", user.id), now)


def stands_for(token: AccountToken) -> bool:
    """Whether a link of a change still speaks for the address it went to."""
    if token.change is None or token.change.ended_at is not None:
        return False
    old = token.purpose is TokenPurpose.CHANGE_EMAIL_OLD
    return token.address_hash == address_hash(token.user.email if old else token.change.email)
