"""The tokens of each posting, as its engine stores them."""

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import DERIVED, Base, reference


class PostingSearch(Base):
    """One posting's tokens, laid out as `layout.py` says: text under FTS5, or a tsvector.

    What is looked up lies over it and is the engine's own, made by the migrations: FTS5's `posting_fts`, which
    triggers keep in the transaction of the change, or a GIN index.
    """

    __tablename__ = "posting_search"
    __table_args__ = {"info": DERIVED}

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
