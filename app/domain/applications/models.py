"""Applications, their history and the files that came with them."""

import enum
from datetime import datetime

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id, by_value, reference
from app.domain.postings.models import Posting, PostingSnapshot


class Stage(enum.StrEnum):
    """States of an application; who may move it where stands in `transitions.py`."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INTERVIEW = "interview"
    OFFER = "offer"
    HIRED = "hired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    NOT_SELECTED = "not_selected"
    SPAM = "spam"


_LIVING = text("stage NOT IN ('withdrawn', 'spam')")


class StoredFile(Base):
    """An uploaded file that passed its checks. Its bytes lie in the upload store under `key`."""

    __tablename__ = "stored_files"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(43), unique=True)
    """Opaque address in `/files/<opaque id>`."""
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Random name in the store, never the user's."""
    filename: Mapped[str] = mapped_column(String(150))
    """The user's name for it, cleaned, used only for the download."""
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)


class Application(Base):
    """One person's application to one posting: one that is not withdrawn, at the most.

    The indexes leave spam out, so that a withdrawn one can be flagged when another has followed. Applying does not:
    who was flagged is known, and starts no other.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("uq_applications_email", "posting_id", "email_key", unique=True,
              sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("uq_applications_user", "posting_id", "user_id", unique=True,
              sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("uq_applications_idempotency", "posting_id", "idempotency_key", unique=True),
        Index(None, "posting_id", "stage"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    posting_id: Mapped[int] = reference("postings.id", index=False)
    user_id: Mapped[int | None] = reference("users.id")
    """The account it belongs to; none for a guest's."""
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), index=True)
    cover_letter: Mapped[str] = mapped_column(Text, default="")
    resume_id: Mapped[int | None] = reference("stored_files.id")
    snapshot_id: Mapped[int] = reference("posting_snapshots.id")
    stage: Mapped[Stage] = mapped_column(by_value(Stage, "stage"), default=Stage.SUBMITTED)
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    """Hash of the form it came with and all that stood in it."""
    submitted_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    """When the stage last changed."""
    version: Mapped[int] = mapped_column(default=1)

    posting: Mapped[Posting] = relationship()
    resume: Mapped[StoredFile | None] = relationship()
    snapshot: Mapped[PostingSnapshot] = relationship()
    answers: Mapped[list["Answer"]] = relationship(order_by="Answer.id", cascade="all, delete-orphan")
    events: Mapped[list["ApplicationEvent"]] = relationship(
        order_by="ApplicationEvent.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class Answer(Base):
    """An answer, with the question as it was put."""

    __tablename__ = "application_answers"

    id: Mapped[Id]
    application_id: Mapped[int] = reference("applications.id", ondelete="CASCADE")
    prompt: Mapped[str] = mapped_column(String(300))
    answer: Mapped[str] = mapped_column(Text)


class ApplicationEvent(Base):
    """One step of an application's history."""

    __tablename__ = "application_events"

    id: Mapped[Id]
    application_id: Mapped[int] = reference("applications.id", ondelete="CASCADE")
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = reference("users.id")
    before: Mapped[Stage | None] = mapped_column(by_value(Stage, "before"))
    after: Mapped[Stage] = mapped_column(by_value(Stage, "after"))
    reason: Mapped[str | None] = mapped_column(String(2000))


class ApplicationProposal(Base):
    """A repeated application, whole. Its sender is unproven: it waits for a word from behind the mailed link."""

    __tablename__ = "application_proposals"
    __table_args__ = (
        Index("uq_application_proposals_idempotency", "idempotency_key", "application_id", unique=True),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = reference("applications.id", ondelete="CASCADE")
    user_id: Mapped[int | None] = reference("users.id")
    """The account it was sent from; none for a guest's."""
    name: Mapped[str] = mapped_column(String(120))
    cover_letter: Mapped[str] = mapped_column(Text)
    answers: Mapped[list[list[str]]] = mapped_column(JSON)
    """[question as it was put, answer] of each."""
    file_id: Mapped[int] = reference("stored_files.id")
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    file: Mapped[StoredFile] = relationship()
