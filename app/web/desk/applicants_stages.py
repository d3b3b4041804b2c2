"""A company's own stages within in review and interview."""

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.applications import lanes, roster
from app.domain.applications.transitions import PARTED
from app.web.desk import blueprint as bp
from app.web.desk.applicants_view import STAGES, words
from app.web.desk.choice import chosen
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import allow


def _page(here: Belonging, status: int, problem: Invalid | None = None, stale: str = "") -> tuple[str, int]:
    stages = roster.own_stages(reading(), here.company_id)
    page = render_template(
        "desk/stages.html", here=here, parts=[(part, [s for s in stages if s.stage is part]) for part in PARTED],
        standing=lanes.standing(reading(), here.company_id), words=words, stale=stale, given=request.form,
        problems=Problems(problem.fields) if problem else Problems(),
        in_question=request.view_args.get("stage_id", 0) if request.view_args and (problem or stale) else 0,
    )
    return page, status


@bp.get("/employer/stages")
@allow(STAGES)
def stages() -> tuple[str, int]:
    """The stages, in the order of the board."""
    return _page(chosen(STAGES), 200)


@bp.post("/employer/stages")
@allow(STAGES)
def add_stage() -> Response | tuple[str, int]:
    """Another stage."""
    here, form = chosen(STAGES), request.form
    try:
        with transaction() as session:
            lanes.add_stage(
                session, here.company_id, form.get("name", ""), form.get("stage", ""), current_actor(), clock.now()
            )
    except Invalid as error:
        return _page(here, 422, error)
    flash("The stage is on the board.")
    return go(f"/employer/stages?company={here.company_slug}")


@bp.post("/employer/stages/<id:stage_id>")
@allow(STAGES)
def change_stage(stage_id: int) -> Response | tuple[str, int]:
    """Rename, order, archive, bring back: `act`."""
    here, form = chosen(STAGES), request.form
    try:
        with transaction() as session:
            lanes.change_stage(
                session, here.company_id, stage_id, version_given(form), form.get("act", ""), form.get("name", ""),
                current_actor(), clock.now(),
            )
    except Invalid as error:
        return _page(here, 422, error)
    except Conflict as error:
        return _page(here, 409, stale=error.message)
    return go(f"/employer/stages?company={here.company_slug}")
