"""The review queue: what was handed in, the longest waiting first, each readable whole."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from markupsafe import Markup

from app.core import clock
from app.core.db import reading
from app.domain.companies.policies import Permission
from app.domain.postings import moderation, words
from app.domain.postings.models import Posting
from app.web.admin import blueprint as bp
from app.web.admin.postings import Row, just_done, row_of
from app.web.admin.tables import view
from app.web.outside import clean
from app.web.policy import allow

BATCH = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One posting to decide."""

    row: Row
    submitted: datetime
    facts: list[tuple[str, str]]
    description: Markup
    questions: list[str]


def _item(posting: Posting, now: datetime) -> Item:
    row = row_of(posting, now)
    facts = {
        "Company": row.company,
        "Trusted": "yes" if posting.company and posting.company.trusted else "no",
        "Place": row.place or "not stated",
        "Workplace": posting.workplace.replace("_", " "),
        "Open to people in": ", ".join(words.accepted(posting)),
        "Pay": words.pay(posting) or "not stated",
        "Type": (posting.type or "not stated").replace("_", " "),
        "Field": posting.category.name if posting.category else "not stated",
        "Experience": posting.experience or "",
        "Openings": str(posting.openings),
        "Applying": posting.apply_url or "on this board",
    }
    return Item(
        row=row, submitted=posting.submitted_at or posting.created_at,
        facts=[(name, fact) for name, fact in facts.items() if fact],
        description=clean(posting.description_html),
        questions=[question.prompt for question in posting.questions],
    )


@bp.get("/admin/reviews")
@allow(Permission.ADMIN_POSTINGS_READ)
def reviews() -> str:
    """One batch of the queue."""
    asked, now = view("/admin/reviews"), clock.now()
    found = moderation.queue(reading(), asked.left(), BATCH, now)
    shown, next_url = asked.split(found, moderation.queued_at, BATCH)
    return render_template(
        "admin/reviews.html", items=[_item(posting, now) for posting in shown], next_url=next_url,
        here=asked.here(), undone=just_done(now),
    )
