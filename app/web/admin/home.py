"""The admin's first page, and the health of the board."""

from datetime import timedelta

from flask import render_template

from app.core import clock
from app.core.db import reading
from app.core.health import health, readiness, room, schema_head
from app.domain.board.queries import WORKER, last_beat
from app.domain.companies.policies import Permission
from app.domain.mail.queries import parked, waiting
from app.domain.postings.moderation import counts
from app.web.admin import blueprint as bp
from app.web.context import redis, settings
from app.web.policy import allow

LATE = timedelta(minutes=5)
"""Without a sign of life for so long, the worker is said not to run."""


@bp.get("/admin")
@allow(Permission.ADMIN_HOME_READ)
def home() -> str:
    """What waits for an admin."""
    mails, oldest = waiting(reading())
    return render_template(
        "admin/home.html", counts=counts(reading(), clock.now()), mails=mails, oldest_mail=oldest
    )


@bp.get("/admin/health")
@allow(Permission.ADMIN_HOME_READ)
def health_page() -> str:
    """What the board leans on, sizes and room, how long mail has waited, and when the worker was last seen."""
    session, now = reading(), clock.now()
    mails, oldest = waiting(session)
    seen = last_beat(session, WORKER)
    return render_template(
        "admin/health.html", health=health(session), mails=mails, oldest_mail=oldest, parked=parked(session),
        ready=readiness(session, settings().upload_dir, redis()), head=schema_head(), seen=seen,
        late=seen is None or now - seen > LATE, free=_free(),
    )


def _free() -> int | None:
    """Free bytes where uploads go; None where nothing can be written there."""
    try:
        return room(settings().upload_dir)
    except OSError:
        return None
