"""One applicant: what was sent, what colleagues think, what happened, and the way to the next."""

from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.applications import drawing, queries, remarks, roster
from app.domain.applications.history import timeline
from app.domain.applications.models import Application
from app.domain.applications.roster import ApplicantFilter
from app.domain.companies.policies import can
from app.web import uploads
from app.web.desk import blueprint as bp
from app.web.desk.applicants_view import (
    RATE,
    READ,
    REASONS,
    address,
    base,
    chosen_behind,
    chosen_here,
    seats_at,
    words,
)
from app.web.forms import version_given
from app.web.htmx import answer, go, is_htmx, partial, toast
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow


@bp.get("/employer/applications/<id:application_id>")
@allow(SIGNED_IN)
def application(application_id: int) -> str:
    """One applicant: résumé, letter, answers, notes, history, and the moves that are legal."""
    return one_page(queries.for_member(reading(), application_id, current_actor(), READ))


@bp.get("/employer/applications/<id:application_id>/panel")
@allow(SIGNED_IN)
def application_panel(application_id: int) -> Response:
    """The same beside the list; opened directly, the way to the page."""
    found, chosen = queries.for_member(reading(), application_id, current_actor(), READ), chosen_here()
    here = address(f"/employer/applications/{application_id}", chosen)
    if not is_htmx():
        return go(here, 302)
    made = answer(panel(found, chosen))
    made.headers["HX-Push-Url"] = here
    return made


def one_page(found: Application, problems: dict[str, str] | None = None, **note: Any) -> str:
    """The whole page; `problems` are what a form sent without a script was refused for, and a `note` not kept."""
    chosen = chosen_here() if request.method == "GET" else chosen_behind(found.posting_id)
    return render_template("desk/application.html", **_facts(found, chosen, problems) | _note(**note))


def panel(found: Application, chosen: ApplicantFilter, problems: dict[str, str] | None = None) -> str:
    """What stands beside the list; `problems` are what a move was refused for."""
    return render_template("desk/_applicant.html", **_facts(found, chosen, problems) | {"beside": True})


def _facts(found: Application, chosen: ApplicantFilter, problems: dict[str, str] | None = None) -> dict[str, Any]:
    session, actor, now = reading(), current_actor(), clock.now()
    before, after = roster.neighbours(session, found, chosen)
    resume = found.resume
    return {
        "application": found, "seat": seats_at(found)[1], "chosen": chosen, "beside": False, "address": address,
        "base": base, "words": words, "reasons": REASONS, "undoable": queries.undoable(found, actor, now),
        "timeline": timeline(session, found), "problems": problems or {}, "problem": "",
        "given": request.form if problems else {}, "before": before, "after": after,
        "shown": drawing.survey(uploads.store(), resume.key, resume.media_type) if resume else drawing.Shown(),
    } | _remarks(found) | {"beside": False}


def _remarks(found: Application, **note: Any) -> dict[str, Any]:
    session, actor = reading(), current_actor()
    return {
        "application": found, "notes": remarks.notes(session, found.id, actor),
        "rating": remarks.rating(session, found, actor), "beside": request.form.get("beside") == "1",
        "may_rate": can(actor, RATE, found.posting.company_id), "longest_note": remarks.LONGEST_NOTE,
    } | _note(**note)


def _note(problem: str = "", note: int = 0, typed: str = "") -> dict[str, Any]:
    """`problem` with what was `typed` into the note `note` (0: the new one)."""
    return {"note_problem": problem, "note_in_question": note, "typed": typed}


def _answer(application_id: int, template: str, status: int = 200, **more: Any) -> Response | tuple[str, int]:
    """The region that changed to htmx; the page, or the way back to it, to a plain browser."""
    found = queries.for_member(reading(), application_id, current_actor(), READ)
    if is_htmx():
        chosen = chosen_behind(found.posting_id)
        html = render_template(template, chosen=chosen, address=address, **_remarks(found, **more))
        said = [toast(more["problem"], "error")] if status >= 400 else []
        return answer(html, *_stars(found), *said, status=status)
    if status >= 400:
        return one_page(found, {"body": more.pop("problem")}, **more), status
    return go(address(f"/employer/applications/{application_id}", chosen_behind(found.posting_id)))


def _stars(found: Application) -> list[Markup]:
    """The rating on the card of the list, where the applicant is open beside it."""
    if request.form.get("beside") != "1":
        return []
    return [partial(f"#rating-{found.id}", render_template("desk/_stars.html", card=found))]


@bp.post("/employer/applications/<id:application_id>/rating")
@allow(SIGNED_IN)
def rate_application(application_id: int) -> Response | tuple[str, int]:
    """Rate 1 to 5; one rating a colleague, the last one counts; 0 takes it back."""
    actor = current_actor()
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, RATE)
            remarks.rate(session, found, request.form.get("score", ""), actor, clock.now())
    except Invalid as error:
        return _answer(application_id, "desk/_rating.html", 422, problem=" ".join(error.fields.values()))
    return _answer(application_id, "desk/_rating.html")


@bp.post("/employer/applications/<id:application_id>/notes")
@allow(SIGNED_IN)
def add_note(application_id: int) -> Response | tuple[str, int]:
    """A note for colleagues."""
    actor, body = current_actor(), request.form.get("body", "")
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, RATE)
            remarks.add_note(session, found, body, actor, clock.now())
    except Invalid as error:
        problem = " ".join(error.fields.values())
        return _answer(application_id, "desk/_notes.html", 422, problem=problem, typed=body)
    return _answer(application_id, "desk/_notes.html")


@bp.post("/employer/applications/<id:application_id>/notes/<id:note_id>")
@allow(SIGNED_IN)
def change_note(application_id: int, note_id: int) -> Response | tuple[str, int]:
    """Change one's own note or, with `act=delete`, take it away."""
    actor, form = current_actor(), request.form
    deletes = form.get("act") == "delete"
    typed = "" if deletes else form.get("body", "")
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, RATE)
            if deletes:
                remarks.delete_note(session, found, note_id, version_given(form), actor, clock.now())
            else:
                remarks.edit_note(session, found, note_id, typed, version_given(form), actor, clock.now())
    except Conflict as error:
        return _answer(application_id, "desk/_notes.html", 409, problem=error.message, note=note_id, typed=typed)
    except Invalid as error:
        problem = " ".join(error.fields.values())
        return _answer(application_id, "desk/_notes.html", 422, problem=problem, note=note_id, typed=typed)
    return _answer(application_id, "desk/_notes.html")
