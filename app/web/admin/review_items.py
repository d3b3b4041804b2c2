"""A posting to decide, drawn whole: what it says, what changed since it was public, and what makes one doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from markupsafe import Markup

from app.core import clock
from app.core.db import reading
from app.domain.postings import editions, moderation
from app.domain.postings.doubts import doubts
from app.domain.postings.models import Posting, PostingStatus
from app.web.admin.rows import Row, row_of
from app.web.outside import clean


@dataclass(frozen=True, slots=True)
class Item:
    """One posting to decide."""

    row: Row
    submitted: datetime
    facts: list[tuple[str, str]]
    description: Markup
    doubts: list[str]
    changes: editions.Changes | None
    public_until: datetime | None


def items(postings: Sequence[Posting], now: datetime) -> list[Item]:
    """Postings of the queue, drawn with three more questions for all of them."""
    session = reading()
    said = doubts(session, postings)
    kept = editions.kept(session, [posting.id for posting in postings])
    return [_item(posting, said[posting.id], kept.get(posting.id), now) for posting in postings]


def _item(posting: Posting, said: list[str], before: editions.PostingEdition | None, now: datetime) -> Item:
    row, edition = row_of(posting, now), editions.stated(posting)
    trusted = posting.company is not None and posting.company.trusted
    first = [("Company", row.company), ("Trusted", "yes" if trusted else "no")]
    if row.scheduled is not None:
        first.append(("To be shown from", row.scheduled.strftime("%d %b %Y, %H:%M UTC")))
    return Item(
        row=row, submitted=posting.submitted_at or posting.created_at,
        facts=first + [(name, fact) for name, fact in edition.facts.items() if name != "Title"],
        description=clean(posting.description_html), doubts=said,
        changes=editions.changes(before, edition) if before else None,
        public_until=before.taken_at if before else None,
    )


def reviewed(row: Row, problem: str, reason: str) -> str:
    """The posting in its place in the queue: still to decide, or a line of what became of it.

    `reason` is what was typed for an act that was refused.
    """
    if row.status is not PostingStatus.PENDING:
        return render_template("admin/_decided.html", row=row, problem=problem, reason=reason)
    item = items([moderation.in_review(reading(), row.id)], clock.now())[0]
    return render_template("admin/_review.html", item=item, problem=problem, reason=reason)
