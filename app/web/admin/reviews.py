"""The review queue: what was handed in, the longest waiting first, each readable whole and decided by a key."""

from flask import render_template

from app.core import clock
from app.core.db import reading
from app.domain.companies.policies import Permission
from app.domain.postings import moderation
from app.web.admin import blueprint as bp
from app.web.admin.postings import just_done
from app.web.admin.review_items import items
from app.web.admin.tables import view
from app.web.policy import allow

BATCH = 10


@bp.get("/admin/reviews")
@allow(Permission.ADMIN_POSTINGS_READ)
def reviews() -> str:
    """One batch of the queue."""
    asked, now = view("/admin/reviews"), clock.now()
    found = moderation.queue(reading(), asked.left(), BATCH, now)
    shown, next_url = asked.split(found, moderation.queued_at, BATCH)
    return render_template(
        "admin/reviews.html", items=items(shown, now), next_url=next_url, here=asked.here(), undone=just_done(now),
        problem="", reason="",
    )
