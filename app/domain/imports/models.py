"""Runs of imports, what each row became, signatures of near repeats, and feeds that are looked at again and again."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id, by_value, reference
from app.domain.companies.models import Company


class LinkKind(enum.StrEnum):
    """Own: the row made its posting. Repeat: it said word for word what a posting said already."""

    OWN = "own"
    REPEAT = "repeat"


class ImportRun(Base):
    """One source taken in once, by one set of options; found again by its fingerprint while unfinished."""

    __tablename__ = "import_runs"
    __table_args__ = (Index(None, "fingerprint", "finished_at"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(300))
    format: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the source's bytes and the options."""
    position: Mapped[int] = mapped_column(default=0)
    """Lines done with: reading goes on after them."""
    kept: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class ImportLink(Base):
    """What a row of a source became.

    `key` is the source's own id; where that id comes back for another company's other job, the id and a hash of
    title and company; where there is no id, a hash of the content.
    """

    __tablename__ = "import_links"
    __table_args__ = (Index("uq_import_links_key", "source", "key", unique=True),)

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE")
    kind: Mapped[LinkKind] = mapped_column(by_value(LinkKind, "kind"))
    title: Mapped[str] = mapped_column(String(200))
    company: Mapped[str] = mapped_column(String(160))
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of everything the source says: equal means unchanged."""


class ImportSignature(Base):
    """MinHash of an imported posting's text, in four bands to look it up by."""

    __tablename__ = "import_signatures"

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    band_1: Mapped[int] = mapped_column(BigInteger, index=True)
    band_2: Mapped[int] = mapped_column(BigInteger, index=True)
    band_3: Mapped[int] = mapped_column(BigInteger, index=True)
    band_4: Mapped[int] = mapped_column(BigInteger, index=True)


class ImportProblem(Base):
    """A row that was refused."""

    __tablename__ = "import_problems"
    __table_args__ = (Index(None, "run_id", "line"),)

    id: Mapped[Id]
    run_id: Mapped[int] = reference("import_runs.id", ondelete="CASCADE", index=False)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))


class ImportSource(Base):
    """A feed that is looked at again and again. What a look found stands here and in its run."""

    __tablename__ = "import_sources"
    __table_args__ = (Index(None, "due_at", "id"),)

    id: Mapped[Id]
    url: Mapped[str] = mapped_column(String(1000))
    url_key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the address: a feed is looked at once, whoever adds it."""
    format: Mapped[str] = mapped_column(String(20), default="")
    """What it is said to be; empty: told by looking each time."""
    read_as: Mapped[str] = mapped_column(String(20), default="")
    """What it was when it was last read: an empty list looks like nothing in particular."""
    company_id: Mapped[int | None] = reference("companies.id")
    """Whose all its postings are; None: the companies it names."""
    publish: Mapped[bool] = mapped_column(default=False)
    every_hours: Mapped[int]
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    etag: Mapped[str | None] = mapped_column(String(300))
    last_modified: Mapped[str | None] = mapped_column(String(300))
    digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of what came last. The three are kept only where nothing was missing: what is, is looked for anew."""
    looked_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(500), default="")
    """What the last look came to, in a sentence."""
    failures: Mapped[int] = mapped_column(default=0)
    """Looks in a row that came to nothing."""
    unnamed: Mapped[int] = mapped_column(default=0)
    """Rows that never showed which posting they are, at looks at which nothing was missing."""
    held_back: Mapped[bool] = mapped_column(default=False)
    """Whether the last look found so much missing that it was not believed."""
    believes_next: Mapped[bool] = mapped_column(default=False)
    """Whether somebody said that the next look is to be believed all the same."""
    present: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    """Postings there, missing for the first time, and closed, at the last whole look."""
    run_id: Mapped[int | None] = reference("import_runs.id", ondelete="SET NULL")
    """The last whole look's rows."""

    company: Mapped[Company | None] = relationship()
    run: Mapped[ImportRun | None] = relationship()


class ImportSighting(Base):
    """A posting that a source showed. `absences` counts the looks in a row at which it was missing."""

    __tablename__ = "import_sightings"

    source_id: Mapped[int] = reference("import_sources.id", ondelete="CASCADE", index=False, primary_key=True)
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", primary_key=True)
    own: Mapped[bool]
    """Whether it is this source's posting; otherwise the source repeats what another said."""
    absences: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    """When it was closed because it was missing here."""
