"""What a posting said when everybody could read it last: what a review compares with."""

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

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


Piece = tuple[str, str]
"""(`same`, `ins` or `del`, words)."""
_LONGEST = 4000
_BESIDE = 30
"""Words shown on each side of what changed in a long text."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is otherwise now than when a posting was public: facts (name, before, after) and the text word by word."""

    facts: list[tuple[str, str, str]]
    text: list[Piece]


def changes(before: Edition | PostingEdition, after: Edition) -> Changes:
    """Compare two editions."""
    names = [*after.facts, *(name for name in before.facts if name not in after.facts)]
    facts = [
        (name, before.facts.get(name, ""), after.facts.get(name, ""))
        for name in names
        if before.facts.get(name, "") != after.facts.get(name, "")
    ]
    return Changes(facts, [] if before.text == after.text else _by_words(before.text, after.text))


def _by_words(before: str, after: str) -> list[Piece]:
    old, new = re.findall(r"\S+|\n+", before), re.findall(r"\S+|\n+", after)
    if len(old) + len(new) > _LONGEST:  # word by word would take long: by lines
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Piece] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", _short(old[i:j])))
        if j > i and kind != "equal":
            found.append(("del", " ".join(old[i:j])))
        if m > k and kind != "equal":
            found.append(("ins", " ".join(new[k:m])))
    return found


def _short(words: list[str]) -> str:
    if len(words) <= 2 * _BESIDE:
        return " ".join(words)
    return " ".join([*words[:_BESIDE], "…", *words[-_BESIDE:]])
