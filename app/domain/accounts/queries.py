"""Reading people."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.accounts.demo import SIGN_INS
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
            User.closed_at.is_(None),
        )
    )


def is_verified(session: Session, user_id: int) -> bool:
    """Whether the person's address is known to be theirs."""
    return session.scalar(select(User.email_verified_at).where(User.id == user_id)) is not None


def by_email(session: Session, email: str) -> User | None:
    """The person with this address, however it is spelt."""
    return session.scalar(select(User).where(User.email_key == email_key(email)))


def stored_hash(session: Session, email: str) -> str | None:
    """The password hash of the living account with this address, for `passwords.verify`."""
    return session.scalar(
        select(User.password_hash).where(
            User.email_key == email_key(email), User.suspended_at.is_(None), User.closed_at.is_(None)
        )
    )


def page(session: Session, words: tuple[str, ...], before_id: int | None, limit: int) -> list[User]:
    """People whose name or address holds every word, newest first, at most `limit` + 1."""
    query = select(User).order_by(User.id.desc()).limit(limit + 1)
    for word in words:
        query = query.where(
            or_(User.name.icontains(word, autoescape=True), User.email_key.icontains(word, autoescape=True))
        )
    if before_id is not None:
        query = query.where(User.id < before_id)
    return list(session.scalars(query))


def names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people, by id."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_({id_ for id_ in ids if id_})))
    return dict(rows.all())


def has_demo_accounts(session: Session) -> bool:
    """Whether one of the demo's people, whose password everybody knows, could sign in here."""
    keys = [email_key(person.email) for person in SIGN_INS]
    return session.scalar(select(User.id).where(User.email_key.in_(keys)).limit(1)) is not None
