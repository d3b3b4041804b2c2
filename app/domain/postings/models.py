"""A posting, what hangs on it, and the vocabularies it is described by."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import SEEDED, Base, BigId, Id, by_value, reference
from app.core.money import Period
from app.domain.companies.models import Company

LONGEST_REPORT = 1_000
"""Characters a report may say."""


class PostingStatus(enum.StrEnum):
    """States of a posting's life; who may move it where stands in `transitions.py`."""

    DRAFT = "draft"
    PENDING = "pending"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    PUBLISHED = "published"
    PAUSED = "paused"
    EXPIRED = "expired"
    FILLED = "filled"
    CLOSED = "closed"
    REMOVED = "removed"


_READABLE = frozenset(
    {
        PostingStatus.PUBLISHED, PostingStatus.PAUSED, PostingStatus.EXPIRED, PostingStatus.FILLED,
        PostingStatus.CLOSED,
    }
)


class EmploymentType(enum.StrEnum):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    TEMPORARY = "temporary"
    INTERNSHIP = "internship"
    VOLUNTEER = "volunteer"
    PER_DIEM = "per_diem"
    OTHER = "other"


class Workplace(enum.StrEnum):
    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


class Experience(enum.StrEnum):
    ENTRY = "entry"
    MID = "mid"
    SENIOR = "senior"
    LEAD = "lead"


class QuestionKind(enum.StrEnum):
    TEXT = "text"
    YES_NO = "yes_no"


class PlaceKind(enum.StrEnum):
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"


WORLDWIDE = "001"
"""UN M49 code of the world, as a country of a remote posting that accepts everybody."""


class Category(Base):
    """A field of work, in the board's own order."""

    __tablename__ = "categories"
    __table_args__ = {"info": SEEDED}

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(index=True)
    archived_at: Mapped[datetime | None]
    """Since when nobody can choose it; it holds no posting."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class CategorySlug(Base):
    """A former address of a field of work, or that of one merged into it: it answers as the field does."""

    __tablename__ = "category_slugs"

    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    category_id: Mapped[int] = reference("categories.id", ondelete="CASCADE")


class Place(Base):
    """A place some posting names; made from the gazetteer when first named."""

    __tablename__ = "places"
    __table_args__ = (Index(None, "lat", "lon"), Index(None, "country", "region"))

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[PlaceKind] = mapped_column(by_value(PlaceKind, "kind"))
    city: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)


class Posting(Base):
    """A vacancy as an employer states it.

    Pay is in minor units of `salary_currency`; the `salary_year_*` bounds are the same normalised to a year
    (`core.money.yearly`). `published_at` is first publication and never moves.
    """

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("salary_min IS NULL OR salary_max IS NULL OR salary_min <= salary_max", "pay_order"),
        CheckConstraint("salary_min >= 0 AND salary_max >= 0", "pay_not_negative"),
        CheckConstraint(
            "(salary_min IS NULL AND salary_max IS NULL AND salary_currency IS NULL AND salary_period IS NULL)"
            " OR (salary_max IS NOT NULL AND salary_currency IS NOT NULL AND salary_period IS NOT NULL"
            " AND salary_year_max IS NOT NULL)",
            "pay_whole",
        ),
        CheckConstraint(
            "status IN ('draft', 'pending', 'changes_requested', 'rejected', 'removed')"
            " OR (published_at IS NOT NULL AND expires_at IS NOT NULL AND slug IS NOT NULL)",
            "published_whole",
        ),
        CheckConstraint("published_at IS NULL OR expires_at > published_at", "dates_order"),
        CheckConstraint("openings BETWEEN 1 AND 9999", "openings"),
        Index(
            "uq_postings_source", "source", "source_id", unique=True,
            sqlite_where=text("source IS NOT NULL"), postgresql_where=text("source IS NOT NULL"),
        ),
        Index(None, "status", "published_at", "id"),
        Index(None, "company_id", "id"),
        Index(
            "ix_postings_expires_at", "expires_at", sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),  # what goes by it says ended_at IS NULL too; lists do not, so that their plans stay
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    company_id: Mapped[int | None] = reference("companies.id", index=False)
    """None for an import that names no company."""
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str | None] = mapped_column(String(100))
    """Fixed at first publication."""
    description_md: Mapped[str] = mapped_column(Text, default="", sort_order=1)
    """What the employer wrote; empty for imports. Long texts stand last in the row: facts are read without them."""
    description_html: Mapped[str] = mapped_column(Text, default="", sort_order=1)
    """Sanitised at write; the only form shown."""
    description_text: Mapped[str] = mapped_column(Text, default="", sort_order=1)
    category_id: Mapped[int | None] = reference("categories.id")
    type: Mapped[EmploymentType | None] = mapped_column(by_value(EmploymentType, "type"))
    workplace: Mapped[Workplace] = mapped_column(by_value(Workplace, "workplace"), default=Workplace.ON_SITE)
    experience: Mapped[Experience | None] = mapped_column(by_value(Experience, "experience"))
    place_label: Mapped[str] = mapped_column(String(200), default="")
    """Where, in words for a card; derived from the places, or what the source wrote where none was found."""
    salary_min: Mapped[int | None] = mapped_column(BigInteger)
    salary_max: Mapped[int | None] = mapped_column(BigInteger)
    salary_currency: Mapped[str | None] = mapped_column(String(3))
    salary_period: Mapped[Period | None] = mapped_column(by_value(Period, "salary_period"))
    salary_year_min: Mapped[int | None] = mapped_column(BigInteger)
    salary_year_max: Mapped[int | None] = mapped_column(BigInteger, index=True)
    openings: Mapped[int] = mapped_column(default=1)
    language: Mapped[str | None] = mapped_column(String(8))

    status: Mapped[PostingStatus] = mapped_column(by_value(PostingStatus, "status"), default=PostingStatus.DRAFT)
    reason: Mapped[str | None] = mapped_column(String(2000))
    """Why it was refused, removed or sent back."""
    frozen_at: Mapped[datetime | None]
    featured_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was filled, closed or removed."""

    apply_url: Mapped[str | None] = mapped_column(String(2000))
    """Where one applies when not here; set means no inline application."""
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(200))
    source_url: Mapped[str | None] = mapped_column(String(2000))
    content_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    similar_to_id: Mapped[int | None] = reference("postings.id")
    """A near-duplicate of that earlier posting: linked, listed."""
    reposted_from_id: Mapped[int | None] = reference("postings.id")
    times_reposted: Mapped[int] = mapped_column(default=0)

    created_by_id: Mapped[int | None] = reference("users.id")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    company: Mapped[Company | None] = relationship()
    category: Mapped[Category | None] = relationship()
    places: Mapped[list["PostingPlace"]] = relationship(
        order_by="PostingPlace.position", cascade="all, delete-orphan"
    )
    countries: Mapped[list["PostingCountry"]] = relationship(cascade="all, delete-orphan")
    questions: Mapped[list["Question"]] = relationship(order_by="Question.position", cascade="all, delete-orphan")
    half_typed: Mapped["HalfTyped | None"] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    @property
    def applies_here(self) -> bool:
        return self.apply_url is None

    @property
    def readable(self) -> bool:
        """Whether everybody may read what it states now: not while that waits for review, nor refused or removed."""
        return self.status in _READABLE

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def featured(self) -> bool:
        return self.featured_at is not None


class PostingPlace(Base):
    """One place of a posting."""

    __tablename__ = "posting_places"

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    place_id: Mapped[int] = reference("places.id", primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    place: Mapped[Place] = relationship()


class PostingCountry(Base):
    """A country a posting can be found under: one of its places', or one a remote posting accepts."""

    __tablename__ = "posting_countries"
    __table_args__ = (Index(None, "country", "posting_id"),)

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    country: Mapped[str] = mapped_column(String(3), primary_key=True)
    """ISO 3166-1 alpha-2, or `WORLDWIDE`."""
    eligible: Mapped[bool] = mapped_column(default=False)
    """Whether people living there may do this work remotely."""


class Question(Base):
    """Something this posting asks its applicants."""

    __tablename__ = "posting_questions"

    id: Mapped[Id]
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE")
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(by_value(QuestionKind, "kind"), default=QuestionKind.TEXT)
    prompt: Mapped[str] = mapped_column(String(300))
    required: Mapped[bool] = mapped_column(default=False)


class OutwardClick(Base):
    """One follow of a posting's way out to where one applies. A fact of access: appended, never changed."""

    __tablename__ = "outward_clicks"

    id: Mapped[Id]
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE")
    at: Mapped[datetime]


class PostingViews(Base):
    """How often a posting was opened on one day (UTC). A fact of access: counted up, never down."""

    __tablename__ = "posting_views"

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int]


class HalfTyped(Base):
    """Answers of a draft that cannot be taken yet, as they were typed: the form's field → its words."""

    __tablename__ = "posting_drafts"

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    typed: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class PostingSnapshot(Base):
    """A posting as it read at one version; what applicants keep of what they applied to."""

    __tablename__ = "posting_snapshots"
    __table_args__ = (Index("uq_posting_snapshots_version", "posting_id", "posting_version", unique=True),)

    id: Mapped[Id]
    posting_id: Mapped[int] = mapped_column(BigId, index=True)
    posting_version: Mapped[int]
    taken_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(200))
    company_name: Mapped[str | None] = mapped_column(String(160))
    place_label: Mapped[str] = mapped_column(String(200))
    pay: Mapped[str | None] = mapped_column(String(120))
    """The pay as it was shown, in words."""
    description_html: Mapped[str] = mapped_column(Text)


class ReportReason(enum.StrEnum):
    """What is wrong with a posting."""

    SCAM = "scam"
    DISCRIMINATORY = "discriminatory"
    NOT_A_JOB = "not_a_job"
    OVER = "over"
    WRONG_FACTS = "wrong_facts"
    OTHER = "other"


class ReportOutcome(enum.StrEnum):
    """What an admin found."""

    DISMISSED = "dismissed"
    UPHELD = "upheld"


class Report(Base):
    """One voice against a posting. Who spoke is an account's id, or a keyed hash that fits no other posting."""

    __tablename__ = "posting_reports"
    __table_args__ = (
        Index("uq_posting_reports_open", "posting_id", "sender", unique=True,
              sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[Id]
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE")
    user_id: Mapped[int | None] = reference("users.id", ondelete="SET NULL")
    sender: Mapped[str] = mapped_column(String(70))
    """By whom a second report of the same posting is known."""
    network: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the network it came from: /24, or /48 of IPv6."""
    reason: Mapped[ReportReason] = mapped_column(by_value(ReportReason, "reason"))
    words: Mapped[str] = mapped_column(String(LONGEST_REPORT), default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[ReportOutcome | None] = mapped_column(by_value(ReportOutcome, "outcome"))
