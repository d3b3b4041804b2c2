"""The tokens of each posting, as its engine stores them, and the log of what changed."""

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import DERIVED, Base, BigId, Id, reference


class PostingSearch(Base):
    """One posting's tokens, laid out as `layout.py` says: text under FTS5, or a tsvector.

    What is looked up lies over it and is the engine's own, made by the migrations: FTS5's `posting_fts`, which
    triggers keep in the transaction of the change, or a GIN index.
    """

    __tablename__ = "posting_search"
    __table_args__ = {"info": DERIVED}

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class SearchChange(Base):
    """One posting changed in what a search index holds of it; without a posting, the names of options did.

    Versions are in the order of commits. Whoever has followed up to one knows its mark too: where that is not what
    stands here, the log was begun anew or cut, and the index must be built again.
    """

    __tablename__ = "search_changes"
    __table_args__ = {"sqlite_autoincrement": True, "info": DERIVED}

    version: Mapped[Id]
    posting_id: Mapped[int | None] = mapped_column(BigId)
    """No foreign key: what is gone has changed too."""
    mark: Mapped[str] = mapped_column(String(16))
    """A word for each transaction, never used before."""
