"""Making people."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.domain.accounts.identity import checked_email, checked_name, email_key
from app.domain.accounts.models import User


def create_user(
    session: Session, email: str, name: str, password_hash: str, now: datetime, *, is_admin: bool = False,
    verified: bool = False,
) -> User:
    """A new person; `verified` where the address is known to be theirs. Raises Invalid where it is taken or malformed.

    Who signs up by themselves is owed a link besides (`ask_to_verify`).
    """
    email = checked_email(email)
    key = email_key(email)
    if session.scalar(select(User.id).where(User.email_key == key)) is not None:
        raise Invalid(
            "This address has an account already.",
            {"email": "This address has an account already. Sign in instead."},
        )
    user = User(
        email=email, email_key=key, name=checked_name(name), password_hash=password_hash, is_admin=is_admin,
        created_at=now, email_verified_at=now if verified else None,
    )
    session.add(user)
    session.flush()
    return user
