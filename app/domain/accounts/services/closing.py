"""Leaving for good."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Invalid
from app.core.events import account_closed, account_closing
from app.domain.accounts.models import AccountToken, EmailChange, IdempotencyKey, User, UserSession
from app.domain.accounts.notices import NoticeChoice
from app.domain.accounts.services.attempts import forget
from app.domain.accounts.services.second_factor import drop
from app.domain.audit.services import record
from app.domain.mail.services import owe

NAME = "Closed account"


def close_account(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """Close an account: other rooms may refuse first, then let go; what says who it was is blanked.

    Raises Invalid with what to do first: by the last admin, or where another room refuses (`account_closing`).
    """
    if user.is_admin and not _another_admin(session, user.id):
        raise Invalid("You are the board's last admin. Make somebody else an admin first, then close your account.")
    account_closing.send("accounts", session=session, user_id=user.id, now=now)
    account_closed.send("accounts", session=session, user_id=user.id, actor=actor, now=now)
    record(session, actor, "account.close", ("user", user.id), now)
    owe(session, "account-closed", user.email, f"account-closed:{user.id}", now, user_id=user.id)
    _blank(session, user, now)


def _another_admin(session: Session, user_id: int) -> bool:
    lock_rows(session, select(User.id).where(User.is_admin).order_by(User.id))  # two cannot both be last
    others = select(func.count(User.id)).where(
        User.is_admin, User.id != user_id, User.suspended_at.is_(None), User.closed_at.is_(None)
    )
    return bool(session.scalar(others))


def _blank(session: Session, user: User, now: datetime) -> None:
    forget(session, user.email)
    for table in (UserSession, AccountToken, EmailChange, NoticeChoice, IdempotencyKey):
        session.execute(delete(table).where(table.user_id == user.id))
    drop(session, user.id)
    user.name, user.password_hash, user.is_admin = NAME, "", False
    user.email = user.email_key = f"closed:{user.id}"  # no address: it can be written to, signed in with, found by none
    user.email_verified_at = user.second_factor_at = None
    user.closed_at = now
    session.flush()
