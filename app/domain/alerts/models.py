"""What a person follows: saved postings."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, relationship

from app.core.db import Base, reference
from app.domain.postings.models import Posting


class SavedPosting(Base):
    """A posting a person keeps an eye on."""

    __tablename__ = "saved_postings"
    __table_args__ = (Index(None, "user_id", "saved_at"),)

    user_id: Mapped[int] = reference("users.id", ondelete="CASCADE", index=False, primary_key=True)
    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", primary_key=True)
    saved_at: Mapped[datetime]

    posting: Mapped[Posting] = relationship()
