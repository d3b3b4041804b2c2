"""Employers and who belongs to them."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id, by_value, reference
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
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


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

    user: Mapped[User] = relationship()
    company: Mapped[Company] = relationship()
