"""People, their credentials and their sessions."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, by_value, reference


class User(Base):
    """A person. Everybody may apply; rights at a company hang on memberships, never here."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(320))
    """As the person writes it."""
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    """Folded for comparison (`accounts.identity.email_key`)."""
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    email_verified_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    """Since when signing in asks for a code too; its secret is in `second_factors`."""
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When the person left for good; name and address are blanked then."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UserSession(Base):
    """One signed-in browser. The cookie holds the token, this row its SHA-256."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    """Kept to a few minutes; none until it was first seen after signing in."""
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class RefreshToken(Base):
    """What renews the access of a program that signed in, once: the next one comes with the answer. SHA-256 only."""

    __tablename__ = "refresh_tokens"

    id: Mapped[Id]
    session_id: Mapped[int] = reference("user_sessions.id", ondelete="CASCADE")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A key under which a person's program had something made, so that the same sent again makes nothing more.

    Key and request are kept as their SHA-256.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("user_id", "operation", "key_hash"),)

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False)
    operation: Mapped[str] = mapped_column(String(60))
    key_hash: Mapped[str] = mapped_column(String(64))
    body_hash: Mapped[str] = mapped_column(String(64))
    made_id: Mapped[int] = mapped_column(BigId)
    """The row that was made, in the table of that operation."""
    created_at: Mapped[datetime]


class TokenPurpose(enum.StrEnum):
    """What a mailed link is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  a purpose, no password
    CHANGE_EMAIL_OLD = "change_email_old"
    CHANGE_EMAIL_NEW = "change_email_new"


class AccountToken(Base):
    """A link that was mailed to a person: 256 bits, of which only the SHA-256 is kept; good once, for a while."""

    __tablename__ = "account_tokens"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE")
    purpose: Mapped[TokenPurpose] = mapped_column(by_value(TokenPurpose, "purpose"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the folded address the link went to: it proves that address and no other."""
    change_id: Mapped[int | None] = reference("email_changes.id", ondelete="CASCADE")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    change: Mapped["EmailChange | None"] = relationship()


class EmailChange(Base):
    """A new address somebody asked for; it counts once both addresses have said yes."""

    __tablename__ = "email_changes"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE")
    email: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """Applied, refused, taken back or followed by another."""


class SecondFactor(Base):
    """A person's authenticator app (RFC 6238, SHA-1, 30 seconds, six digits)."""

    __tablename__ = "second_factors"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False, unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The latest thirty seconds whose code was taken: that code and those before it are worth nothing now."""
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One code that stands in for the app, once. Its SHA-256 is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE")
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class FailedAttempts(Base):
    """Wrong passwords and codes in a row for one address, known here or not."""

    __tablename__ = "failed_attempts"

    id: Mapped[Id]
    address_hash: Mapped[str] = mapped_column(String(64), unique=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
