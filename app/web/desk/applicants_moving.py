"""Moving applicants, one or several at once, and taking it back."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.applications import queries, services
from app.domain.applications.models import Application
from app.domain.postings.queries import for_member
from app.web.desk import blueprint as bp
from app.web.desk.applicants import page
from app.web.desk.applicants_one import one_page, panel
from app.web.desk.applicants_view import (
    MOVE,
    READ,
    address,
    base,
    chosen_behind,
    face,
    in_place,
    seats_at,
    words,
)
from app.web.forms import version_given, way_back, whole_number
from app.web.htmx import answer, is_htmx, partial, toast
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow

MOST_PICKS = 200
Answer = Response | str | tuple[str, int]


def _target() -> tuple[str, str]:
    """(fixed stage, id of the company's own) of a form: one choice may name both, `in_review:5`."""
    to, _, own = request.form.get("to", "").partition(":")
    return to, request.form.get("stage_id", "") or own


@bp.post("/employer/applications/<id:application_id>/move")
@allow(SIGNED_IN)
def move_application(application_id: int) -> Answer:
    """Move an application; a stale version gets the fresh card, an illegal move the legal ones."""
    form, actor = request.form, current_actor()
    to, own = _target()
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, MOVE, lock=True)
            services.move(
                session, found, to, version_given(form), actor, form.get("reason", ""), form.get("notify", ""),
                clock.now(), stage_id=own,
            )
    except Conflict:
        return _stale(application_id)
    except Invalid as error:
        return _refused(application_id, error)
    return _moved(application_id, offer_undo=True)


@bp.post("/employer/applications/<id:application_id>/undo")
@allow(SIGNED_IN)
def undo_move(application_id: int) -> Answer:
    """Take one's own last move back, within ten seconds."""
    actor = current_actor()
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, MOVE, lock=True)
            services.undo(session, found, version_given(request.form), actor, clock.now())
    except Conflict:
        return _stale(application_id)
    except Invalid as error:
        return _refused(application_id, error)
    return _moved(application_id, offer_undo=False)


def _loaded(application_id: int) -> Application:
    return queries.for_member(reading(), application_id, current_actor(), READ)


def _where(found: Application) -> str:
    own = f", {found.company_stage.name}" if found.company_stage else ""
    return words(found.stage).lower() + own


def _moved(application_id: int, *, offer_undo: bool) -> Response | str:
    found = _loaded(application_id)
    told = f"{found.name}: {_where(found)}." if offer_undo else f"{found.name} is back in {_where(found)}."
    if not is_htmx():
        flash(told)
        return redirect(way_back(base(found.posting_id)), 303)
    done = render_template(
        "desk/_moved.html", told=told, row=found, offered=offer_undo, next=way_back(base(found.posting_id))
    )
    return _fresh(found) + partial("#toasts", done, "beforeend")


def _fresh(found: Application, problem: str = "") -> Markup:
    """The applicant as it stands now, on the list and in the panel if it is open there."""
    chosen = chosen_behind(found.posting_id)
    seats, seat = seats_at(found)
    html = in_place(found, seat, seats, chosen, problem)
    current = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if current == f"/employer/applications/{found.id}":
        html += partial("#detail", panel(found, chosen, {"version": problem} if problem else None))
    return html


def _stale(application_id: int) -> tuple[str, int]:
    found = _loaded(application_id)
    names, last = queries.movers(reading(), found), found.events[-1]
    who = names.get(last.actor_id, "The applicant") if last.actor_id else "Somebody"
    said = f"{who} moved this application meanwhile: it is {_where(found)} now."
    if not is_htmx():
        return one_page(found, {"version": said}), 409
    return _fresh(found, said) + toast(said, "error"), 409


def _refused(application_id: int, error: Invalid) -> tuple[str, int]:
    found = _loaded(application_id)
    if not is_htmx():
        return one_page(found, error.fields or {"to": error.message}), 422
    said = " ".join([error.message, *error.fields.values()])
    chosen, (_, seat) = chosen_behind(found.posting_id), seats_at(found)
    html = partial(f"#application-{found.id}", face(seat, chosen, said, request.form), "outerHTML")
    return html + toast(said, "error"), 422


def _picks() -> list[tuple[int, int]]:
    """(id, version) of every applicant chosen. Raises Invalid."""
    found: dict[int, int] = {}
    for text in request.form.getlist("pick"):
        number, _, version = text.partition(":")
        id_, seen = whole_number(number), whole_number(version)
        if id_ is None or seen is None:
            raise Invalid("The form does not say whom it moves. Reload the page.", {"pick": "Not an applicant."})
        found[id_] = seen
    if not found:
        raise Invalid("Nobody is selected.", {"pick": "Select one or more applicants first."})
    if len(found) > MOST_PICKS:
        raise Invalid("These are too many at once.", {"pick": f"Select {MOST_PICKS} at the most."})
    return sorted(found.items())


Step = Callable[[Session, Application, int], object]


def _each(posting_id: int, step: Step) -> tuple[list[tuple[int, int]], list[str], bool]:
    """Do `step` to every applicant chosen, each on its own version: (done, sentences of those not, any stale)."""
    actor, done, refused, stale = current_actor(), [], [], False
    with transaction() as session:
        for_member(session, posting_id, actor, MOVE)
        picks = _picks()
        for found in queries.several(session, posting_id, [number for number, _ in picks]):
            try:
                step(session, found, dict(picks)[found.id])
                done.append((found.id, found.version))
            except Conflict:
                stale = True
                refused.append(f"{found.name} was moved by somebody meanwhile and is {_where(found)} now.")
            except Invalid as error:
                refused.append(f"{found.name}: {' '.join([error.message, *error.fields.values()])}")
        missing = len(picks) - len(done) - len(refused)
        if missing:
            refused.append(f"{missing} of these are no applicants of this job.")
    return done, refused, stale


@bp.post("/employer/postings/<id:posting_id>/applicants/move")
@allow(SIGNED_IN)
def move_several(posting_id: int) -> Answer:
    """Move all that are selected; whoever cannot go stays, and it is said why."""
    form, now, (to, own) = request.form, clock.now(), _target()
    done, refused, stale = _each(
        posting_id,
        lambda session, found, version: services.move(
            session, found, to, version, current_actor(), form.get("reason", ""), form.get("notify", ""), now,
            stage_id=own,
        ),
    )
    return _several(posting_id, done, refused, stale, f"{_people(done)} moved.", undo=True)


@bp.post("/employer/postings/<id:posting_id>/applicants/undo")
@allow(SIGNED_IN)
def undo_several(posting_id: int) -> Answer:
    """Take one's own moves of several back, within ten seconds."""
    now = clock.now()
    done, refused, stale = _each(
        posting_id,
        lambda session, found, version: services.undo(session, found, version, current_actor(), now),
    )
    return _several(posting_id, done, refused, stale, f"{_people(done)} back where they were.", undo=False)


def _people(done: Sequence[object]) -> str:
    return "1 applicant" if len(done) == 1 else f"{len(done)} applicants"


def _several(
    posting_id: int, done: list[tuple[int, int]], refused: list[str], stale: bool, told: str, *, undo: bool
) -> Answer:
    status = 200 if done else 409 if stale else 422
    chosen = chosen_behind(posting_id)
    shown = refused[:5] + ([f"And {len(refused) - 5} more."] if len(refused) > 5 else [])
    if not is_htmx():
        if done:
            flash(told)
        for sentence in shown:
            flash(sentence, "error")
        if done:
            return redirect(way_back(base(posting_id)), 303)
    posting = for_member(reading(), posting_id, current_actor(), READ)
    facts = page(posting, chosen)
    if not is_htmx():
        return render_template("desk/applicants.html", **facts), status
    html = render_template(
        "desk/_moved_several.html", told=told if done else "", refused=shown, picks=done if undo else [],
        posting_id=posting_id, next=address(base(posting_id), chosen),
    )
    return answer(
        "", partial("#results", render_template("desk/_applicants_results.html", **facts)),
        partial("#toasts", html, "beforeend"), status=status,
    )
