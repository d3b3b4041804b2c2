"""What a posting said when everybody could read it last: what a review compares with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, reference
from app.domain.postings import words
from app.domain.postings.models import Posting


class PostingEdition(Base):
    """The last public edition of a posting that went back to review; one a posting."""

    __tablename__ = "posting_editions"

    posting_id: Mapped[int] = reference("postings.id", ondelete="CASCADE", index=False, primary_key=True)
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    """As `stated` gives them."""
    text: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Edition:
    """A posting in words: its facts by their names, and its text without markup."""

    facts: dict[str, str]
    text: str


def stated(posting: Posting) -> Edition:
    """What a posting says now."""
    facts = {
        "Title": posting.title,
        "Place": posting.place_label,
        "Workplace": posting.workplace.replace("_", " "),
        "Open to people in": ", ".join(words.accepted(posting)),
        "Pay": words.pay(posting) or "not stated",
        "Type": (posting.type or "not stated").replace("_", " "),
        "Field of work": posting.category.name if posting.category else "not stated",
        "Experience": posting.experience or "",
        "Openings": str(posting.openings),
        "Applying": posting.apply_url or "on this board",
        "Questions": " · ".join(question.prompt for question in posting.questions),
    }
    return Edition({name: fact for name, fact in facts.items() if fact}, posting.description_text)


def keep(session: Session, posting: Posting, edition: Edition, now: datetime) -> None:
    """Remember what was public until `now`, in place of what was remembered before."""
    row = session.get(PostingEdition, posting.id)
    if row is None:
        row = PostingEdition(posting_id=posting.id)
        session.add(row)
    row.facts, row.text, row.taken_at = edition.facts, edition.text, now


def kept(session: Session, posting_ids: list[int]) -> dict[int, PostingEdition]:
    """The last public editions of those of these postings that have one, by posting."""
    rows = session.scalars(select(PostingEdition).where(PostingEdition.posting_id.in_(posting_ids)))
    return {row.posting_id: row for row in rows}
