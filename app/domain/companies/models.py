"""Employers, who belongs to them, and who is asked to."""

import enum
import hashlib
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import UPLOAD_KEY, Base, BigId, Id, by_value, reference
from app.domain.accounts.models import User


class CompanyRole(enum.StrEnum):
    """Owner: everything. Recruiter: postings and applicants. Reviewer: reads applicants and notes."""

    OWNER = "owner"
    RECRUITER = "recruiter"
    REVIEWER = "reviewer"


class Company(Base):
    """An employer. One with no members came with an import and receives no applications here."""

    __tablename__ = "companies"
    __table_args__ = (CheckConstraint("hue BETWEEN 0 AND 11", "hue"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    name_key: Mapped[str] = mapped_column(String(160), index=True)
    """Folded name, by which imports recognise a company."""
    website: Mapped[str | None] = mapped_column(String(300))
    description_md: Mapped[str] = mapped_column(Text, default="")
    description_html: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str | None] = mapped_column(String(2))
    hue: Mapped[int] = mapped_column(default=0)
    """Colour of the monogram, one of twelve."""
    trusted: Mapped[bool] = mapped_column(default=False)
    """A trusted company publishes without review."""
    suspended_at: Mapped[datetime | None] = mapped_column(index=True)
    logo_key: Mapped[str | None] = mapped_column(String(64), info=UPLOAD_KEY)
    """Where the logo's bytes lie in the upload store; they are ours, drawn anew from what was uploaded."""
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companies.id"), index=True)
    """The company this one became part of; its address leads there."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def logo_path(self) -> str:
        """The address of the logo on this board, another for each upload; empty where there is none."""
        return logo_path(self.slug, self.logo_key)


def logo_path(slug: str, key: str | None) -> str:
    """The address of the logo kept under `key`. It tells nothing of the key: that stays a name of the store."""
    return f"/companies/{slug}/logo/{hashlib.sha256(key.encode()).hexdigest()[:16]}.png" if key else ""


class Membership(Base):
    """A person's place at a company; ended, never deleted."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_living", "user_id", "company_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id")
    company_id: Mapped[int] = reference("companies.id")
    role: Mapped[CompanyRole] = mapped_column(by_value(CompanyRole, "role"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    user: Mapped[User] = relationship()
    company: Mapped[Company] = relationship()

    __mapper_args__ = {"version_id_col": version}


_OPEN = text("accepted_at IS NULL AND revoked_at IS NULL")


class Invitation(Base):
    """Somebody asked by mail to join a company. Accepted once, or taken back, or too late."""

    __tablename__ = "company_invitations"
    __table_args__ = (
        Index(
            "uq_company_invitations_open", "company_id", "email_key", unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[Id]
    company_id: Mapped[int] = reference("companies.id", ondelete="CASCADE")
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320))
    role: Mapped[CompanyRole] = mapped_column(by_value(CompanyRole, "role"))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the token its last mail carries; none before that mail left."""
    times_sent: Mapped[int] = mapped_column(default=1)
    """How often its mail was asked for."""
    invited_by_id: Mapped[int | None] = reference("users.id")
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    """When its mail was asked for last."""
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = reference("users.id")
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    company: Mapped[Company] = relationship()
    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id])

    __mapper_args__ = {"version_id_col": version}


class ApiToken(Base):
    """What a program shows to act for a person: everywhere, or at one of their companies while they belong to it.

    Shown once; this row has its SHA-256 and a hint by which people tell their tokens apart.
    """

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE")
    company_id: Mapped[int | None] = reference("companies.id", ondelete="CASCADE")
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[str] = mapped_column(String(300))
    """Names of `Scope`, with blanks between them."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    company: Mapped[Company | None] = relationship()


class Dismissal(Base):
    """One hint of the first steps that a company put away."""

    __tablename__ = "company_dismissals"

    company_id: Mapped[int] = reference("companies.id", ondelete="CASCADE", index=False, primary_key=True)
    item: Mapped[str] = mapped_column(String(30), primary_key=True)
