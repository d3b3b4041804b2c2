"""People, their credentials and their sessions."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id, reference


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
    suspended_at: Mapped[datetime | None]
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
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
