"""What a person follows: saved postings and saved searches."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id, reference
from app.domain.postings.models import Posting


class SavedPosting(Base):
    """A posting a person keeps an eye on."""

    __tablename__ = "saved_postings"
    __table_args__ = (Index(None, "user_id", "saved_at"),)

    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False, primary_key=True)
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", primary_key=True)
    saved_at: Mapped[datetime]

    posting: Mapped[Posting] = relationship()


class SavedSearch(Base):
    """A listing a person comes back to. `query` holds its canonical arguments, `name` says it in words."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[Id]
    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False)
    name: Mapped[str] = mapped_column(String(200))
    query: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of `query`, by which it is known; the arguments themselves may be too long for an index."""
    saved_at: Mapped[datetime]
