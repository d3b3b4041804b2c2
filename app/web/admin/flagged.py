"""Applications flagged as spam: the admin reads what was sent, and gives back what is none."""

from flask import render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading
from app.domain.applications import flagged, services
from app.domain.applications.history import timeline
from app.domain.applications.models import Application, Stage
from app.domain.companies.policies import Permission
from app.web.admin import blueprint as bp
from app.web.admin.acting import Act, Row, perform
from app.web.admin.tables import PAGE, view
from app.web.people import current_actor
from app.web.policy import allow

HOME = "/admin/flagged"
GIVE_BACK = Act("give-back", "Not spam: give it back", "Given back")
COLUMNS = ("Applicant", "Standing", "Last step")


def _row(application: Application) -> Row:
    posting, flagged_still = application.posting, application.stage is Stage.SPAM
    company = posting.company.name if posting.company else "company not named"
    badge = ("Spam", "bad") if flagged_still else (application.stage.replace("_", " ").capitalize(), "ok")
    return Row(
        kind="application", path=f"{HOME}/{application.id}", id=application.id, version=application.version,
        name=application.name, line=f"{posting.title}, {company}", badges=[badge], facts=[application.moved_at],
        acts=[GIVE_BACK] if flagged_still else [],
    )


@bp.get(HOME)
@allow(Permission.ADMIN_APPLICATIONS_READ)
def flagged_list() -> str:
    """What employers flagged as spam, the latest sent first."""
    asked = view(HOME)
    left = asked.left()
    found = flagged.page(reading(), left[0] if left else None, PAGE)
    shown, next_url = asked.split(found, lambda application: [application.id])
    return render_template(
        "admin/flagged.html", rows=[_row(application) for application in shown], heading="Flagged applications",
        columns=COLUMNS, next_url=next_url, first_url=HOME if left else "", here=asked.here(), ask=None, problem="",
    )


@bp.get(f"{HOME}/<id:application_id>")
@allow(Permission.ADMIN_APPLICATIONS_READ)
def flagged_one(application_id: int) -> str:
    """What was sent, and what happened to it."""
    found = flagged.one(reading(), application_id)
    return render_template(
        "admin/flagged_one.html", application=found, row=_row(found), timeline=timeline(reading(), found),
        here=f"{HOME}/{application_id}",
    )


@bp.post(f"{HOME}/<id:application_id>/give-back")
@allow(Permission.ADMIN_APPLICATIONS_DECIDE)
def flagged_give_back(application_id: int) -> Response | tuple[str, int]:
    """Put it back where it stood; answers with its row."""
    actor, now = current_actor(), clock.now()

    def work(session: Session, version: int, reason: str) -> None:
        services.give_back(session, flagged.one(session, application_id, lock=True), version, actor, now)

    return perform(
        GIVE_BACK, "Flagged applications", COLUMNS, lambda: _row(flagged.one(reading(), application_id)), work
    )
