"""The admin's first page, and the health of the board."""

from flask import render_template

from app.core import clock
from app.core.db import reading
from app.core.health import health
from app.domain.companies.policies import Permission
from app.domain.mail.queries import waiting
from app.domain.postings.moderation import counts
from app.web.admin import blueprint as bp
from app.web.policy import allow


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
    """Engine, schema, sizes, and how long mail has waited."""
    mails, oldest = waiting(reading())
    return render_template("admin/health.html", health=health(reading()), mails=mails, oldest_mail=oldest)
