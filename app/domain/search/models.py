"""The tokens of each posting, as its engine stores them, the log of what changed, and what postings are written in."""

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import DERIVED, Base, BigId, Id, reference
from app.domain.search.text import LONGEST_KNOWN

LONGEST_TITLE, LONGEST_KEY = 60, 120
"""Characters of a title that is offered to others, and of its folded words."""


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


def _in_order(length: int) -> String:
    """A text in the order of its code points on both engines, so that a beginning is a range of its index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class SearchWord(Base):
    """A folded word of any posting's texts, as people write it."""

    __tablename__ = "search_words"
    __table_args__ = {"info": DERIVED}

    word: Mapped[str] = mapped_column(_in_order(LONGEST_KNOWN), primary_key=True)
    titles: Mapped[int]
    """How often it was seen in a title; 0 for never."""


class SearchTitle(Base):
    """The part of a title that postings share, by its folded words."""

    __tablename__ = "search_titles"
    __table_args__ = {"info": DERIVED}

    key: Mapped[str] = mapped_column(_in_order(LONGEST_KEY), primary_key=True)
    seen: Mapped[int]
    label: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    """As it was first written."""
