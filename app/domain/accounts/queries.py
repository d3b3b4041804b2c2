"""Reading people."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.core.errors import NotFound
from app.domain.accounts.demo import SIGN_INS
from app.domain.accounts.identity import email_key, token_hash
from app.domain.accounts.models import AccountToken, EmailChange, RecoveryCode, TokenPurpose, User, UserSession


def session_by_token(session: Session, token: str, now: datetime) -> UserSession | None:
    """The living session with this token, with its person; None once expired, revoked or suspended."""
    return session.scalar(_living(now).where(UserSession.token_hash == token_hash(token)))


def session_by_id(session: Session, session_id: int, now: datetime) -> UserSession | None:
    """The same by its id."""
    return session.scalar(_living(now).where(UserSession.id == session_id))


def _living(now: datetime) -> Select[UserSession]:
    return (
        select(UserSession)
        .join(UserSession.user)
        .options(joinedload(UserSession.user))
        .where(
            UserSession.revoked_at.is_(None), UserSession.expires_at > now, User.suspended_at.is_(None),
            User.closed_at.is_(None),
        )
    )


def is_verified(session: Session, user_id: int) -> bool:
    """Whether the person's address is known to be theirs."""
    return session.scalar(select(User.email_verified_at).where(User.id == user_id)) is not None


def living_token(
    session: Session, token: str, purposes: Collection[TokenPurpose], now: datetime
) -> AccountToken | None:
    """The unused link with this token and one of these purposes, with its person and change; None once it is over."""
    return session.scalar(
        select(AccountToken)
        .options(joinedload(AccountToken.user), joinedload(AccountToken.change))
        .where(
            AccountToken.token_hash == token_hash(token), AccountToken.purpose.in_(purposes),
            AccountToken.used_at.is_(None), AccountToken.expires_at > now,
        )
    )


def open_change(session: Session, user_id: int, now: datetime) -> EmailChange | None:
    """The new address a person asked for and that is neither applied nor over."""
    return session.scalar(
        select(EmailChange)
        .where(EmailChange.user_id == user_id, EmailChange.ended_at.is_(None), EmailChange.expires_at > now)
        .order_by(EmailChange.id.desc())
        .limit(1)
    )


def living_sessions(session: Session, user_id: int, now: datetime, limit: int) -> list[UserSession]:
    """A person's signed-in browsers, latest seen first, at most `limit`."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > now
            )
            .order_by(func.coalesce(UserSession.last_seen_at, UserSession.created_at).desc(), UserSession.id.desc())
            .limit(limit)
        )
    )


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes a person has not used."""
    unused = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def own(session: Session, user_id: int | None) -> User:
    """The person themselves. Raises NotFound where there is no such living account."""
    user = session.get(User, user_id) if user_id is not None else None
    if user is None or user.closed_at is not None:
        raise NotFound
    return user


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



def names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people, by id."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_({id_ for id_ in ids if id_})))
    return dict(rows.all())


def admins(session: Session) -> tuple[int, int]:
    """How many admins may sign in, and how many of them without a second factor."""
    everybody, with_one = session.execute(
        select(func.count(), func.count(User.second_factor_at)).where(
            User.is_admin, User.suspended_at.is_(None), User.closed_at.is_(None)
        )
    ).one()
    return everybody, everybody - with_one


def has_demo_accounts(session: Session) -> bool:
    """Whether one of the demo's people, whose password everybody knows, could sign in here."""
    keys = [email_key(person.email) for person in SIGN_INS]
    return session.scalar(select(User.id).where(User.email_key.in_(keys)).limit(1)) is not None
