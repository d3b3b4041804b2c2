"""The seeker's own pages: what they applied to, how it stands, and taking it back."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict
from app.core.paging import seal, unseal
from app.domain.applications.models import Application, Stage
from app.domain.applications.queries import for_applicant, milestones, own_page, own_proposals
from app.domain.applications.services import withdraw
from app.domain.applications.transitions import Mover, legal
from app.web.context import settings
from app.web.forms import version_given
from app.web.htmx import go
from app.web.outside import clean
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.site import blueprint as bp

PAGE = 20


@bp.get("/me")
@allow(SIGNED_IN)
def me() -> Response:
    """One's own home: for now, the applications."""
    return redirect("/me/applications")


@bp.get("/me/applications")
@allow(SIGNED_IN)
def my_applications() -> str:
    """Everything one applied to, newest first."""
    user_id, after = current_actor().user_id or 0, request.args.get("after")
    key, name = settings().key, f"my-applications:{current_actor().user_id}"
    found = own_page(reading(), user_id, unseal(key, name, after)[0] if after else None, PAGE)
    rows = found[:PAGE]
    more = seal(key, name, [rows[-1].id]) if len(found) > PAGE else ""
    return render_template(
        "site/me_applications.html", rows=[(row, milestones(row), _endings(row)) for row in rows], more=more,
        paged=bool(after), waiting=[] if after else own_proposals(reading(), user_id, PAGE),
    )


@bp.get("/me/applications/<id:application_id>")
@allow(SIGNED_IN)
def my_application(application_id: int) -> str:
    """One application: its history, what was sent, and the posting as it was."""
    application = for_applicant(reading(), application_id, current_actor())
    return render_template(
        "site/me_application.html", application=application, steps=milestones(application),
        endings=_endings(application), kept=clean(application.snapshot.description_html),
    )


@bp.post("/me/applications/<id:application_id>/withdraw")
@allow(SIGNED_IN)
def withdraw_application(application_id: int) -> Response:
    """Take an open application back."""
    return _end(application_id, Stage.WITHDRAWN, "Your application is withdrawn.")


@bp.post("/me/applications/<id:application_id>/decline")
@allow(SIGNED_IN)
def decline_offer(application_id: int) -> Response:
    """Decline an offer."""
    return _end(application_id, Stage.DECLINED, "You declined the offer.")


def _end(application_id: int, to: Stage, said: str) -> Response:
    version = version_given(request.form) if request.form.get("version") else None
    with transaction() as session:
        application = for_applicant(session, application_id, current_actor(), lock=True)
        try:
            withdraw(session, application, current_actor(), version, clock.now(), to=to)
        except Conflict:
            raise Conflict("The employer moved your application just now. Look at it again first.") from None
    flash(said)
    return go(f"/me/applications/{application_id}")


def _endings(application: Application) -> tuple[Stage, ...]:
    """How the applicant may end it now."""
    return legal(application.stage, Mover.APPLICANT)
