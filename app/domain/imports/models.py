"""Runs of imports, what each row of a source became, and the signatures by which near repeats are found."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, by_value, reference


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
