"""Applications, their history and the files that came with them."""

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import UPLOAD_KEY, Base, BigId, Id, by_value, reference
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


class Notify(enum.StrEnum):
    """When the applicant is written to. `now` leaves room for undo, `later` waits a day."""

    NOW = "now"
    LATER = "later"
    NO = "no"


_LIVING, _FLAGGED = text("stage NOT IN ('withdrawn', 'spam')"), text("stage = 'spam'")


class StoredFile(Base):
    """An uploaded file that passed its checks. Its bytes lie in the upload store under `key`."""

    __tablename__ = "stored_files"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(43), unique=True)
    """Opaque address in `/files/<opaque id>`."""
    key: Mapped[str] = mapped_column(String(64), unique=True, info=UPLOAD_KEY)
    """Random name in the store, never the user's."""
    filename: Mapped[str] = mapped_column(String(150))
    """The user's name for it, cleaned, used only for the download."""
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)


class CompanyStage(Base):
    """A company's own name for a part of in_review or interview. What it maps onto never changes; it is archived,
    never deleted: those who stand in it stay, nobody else enters."""

    __tablename__ = "company_stages"
    __table_args__ = (
        UniqueConstraint("company_id", "name_key"),
        CheckConstraint("stage IN ('in_review', 'interview')", "maps_onto"),
    )

    id: Mapped[Id]
    company_id: Mapped[int] = reference("companies.id", index=False)
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))
    """Folded name: no company has two alike."""
    stage: Mapped[Stage] = mapped_column(by_value(Stage, "stage"))
    position: Mapped[int]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Application(Base):
    """One person's application to one posting: one that is not withdrawn, at the most.

    The indexes leave spam out: a withdrawn one can be flagged when another has followed, and an address that was
    flagged, which nobody proved, may belong to somebody who applies in earnest. A flagged account starts no other.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("uq_applications_email", "posting_id", "email_key", unique=True,
              sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("uq_applications_user", "posting_id", "user_id", unique=True,
              sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("uq_applications_idempotency", "posting_id", "idempotency_key", unique=True),
        Index(None, "posting_id", "stage"),
        Index("ix_applications_flagged", "id", sqlite_where=_FLAGGED, postgresql_where=_FLAGGED),
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
    company_stage_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("company_stages.id"), index=True)
    """The company's own stage within `stage`, if any; applicants never see it."""
    rating: Mapped[int | None]
    """Mean of the colleagues' ratings in hundredths (100 to 500), kept for sorting; none without a rating."""
    link_number: Mapped[int] = mapped_column(default=1)
    """Which signed link to its status is good; counting on voids those mailed before."""
    version: Mapped[int] = mapped_column(default=1)

    posting: Mapped[Posting] = relationship()
    company_stage: Mapped[CompanyStage | None] = relationship()
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
    company_stage_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("company_stages.id"), index=True)
    """The company's own stage it came into, if any."""
    notify: Mapped[str | None] = mapped_column(String(8))
    """Whether the applicant was to hear of it (a value of `Notify`); none of what they did themselves."""

    @property
    def resent(self) -> bool:
        """Whether the applicant put something newer in the place of what they had sent: no step, its stage stays."""
        return self.before == self.after and self.notify is None


class ApplicationNote(Base):
    """What colleagues write about an applicant, for each other alone."""

    __tablename__ = "application_notes"

    id: Mapped[Id]
    application_id: Mapped[int] = reference("applications.id", ondelete="CASCADE")
    author_id: Mapped[int] = reference("users.id")
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ApplicationRating(Base):
    """One colleague's rating of an applicant."""

    __tablename__ = "application_ratings"
    __table_args__ = (
        UniqueConstraint("application_id", "user_id"),
        CheckConstraint("score BETWEEN 1 AND 5", "score"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = reference("applications.id", ondelete="CASCADE", index=False)
    user_id: Mapped[int] = reference("users.id")
    score: Mapped[int]
    rated_at: Mapped[datetime]


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
