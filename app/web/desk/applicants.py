"""Applicants of a posting: the board, the table, one applicant, and moving them."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.core.paging import seal, unseal
from app.domain.applications import queries, services
from app.domain.applications.models import Application, Stage
from app.domain.applications.queries import ApplicantCard, Place
from app.domain.applications.transitions import Mover, legal
from app.domain.companies.policies import Permission, can
from app.domain.postings.models import Posting
from app.domain.postings.queries import for_member
from app.web.context import settings
from app.web.desk import blueprint as bp
from app.web.forms import version_given, way_back
from app.web.htmx import is_htmx, partial, toast
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow

EACH, PAGE = 20, 50
READ, MOVE = Permission.APPLICATIONS_APPLICATION_READ, Permission.APPLICATIONS_APPLICATION_MOVE
ALWAYS = (Stage.SUBMITTED, Stage.IN_REVIEW, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED, Stage.REJECTED)


def choices(card: ApplicantCard | Application, company_id: int | None, now: datetime) -> tuple[Stage, ...]:
    """Where the actor may move this application now; nowhere without the right."""
    if not can(current_actor(), MOVE, company_id):
        return ()
    return legal(card.stage, Mover.EMPLOYER, now - card.moved_at)


@bp.get("/employer/postings/<id:posting_id>/applicants")
@allow(SIGNED_IN)
def applicants(posting_id: int) -> str:
    """The applicants of a posting, as a board or (`?view=table`) a table."""
    posting = for_member(reading(), posting_id, current_actor(), READ)
    return _table(posting) if request.args.get("view") == "table" else _board(posting)


def _board(posting: Posting) -> str:
    now, columns = clock.now(), []
    counts = queries.counts(reading(), posting.id)
    for stage, cards in queries.board(reading(), posting.id, EACH).items():
        shown, more = cards[:EACH], _cursor(posting.id, stage, cards, EACH)
        columns.append((stage, counts[stage], _with_choices(shown, posting, now), more))
    return render_template(
        "desk/applicants.html", posting=posting, columns=columns, always=ALWAYS, total=sum(counts.values())
    )


def _table(posting: Posting) -> str:
    stage, after = _stage(request.args.get("stage")), request.args.get("after")
    place = _place(posting.id, stage, after) if after else None
    found = queries.applicants_page(reading(), posting.id, stage, place, PAGE)
    return render_template(
        "desk/applicants_table.html", posting=posting, rows=_with_choices(found[:PAGE], posting, clock.now()),
        counts=queries.counts(reading(), posting.id), stage=stage, more=_cursor(posting.id, stage, found, PAGE),
        paged=bool(after), here=request.full_path.rstrip("?"),
    )


@bp.get("/employer/postings/<id:posting_id>/applicants/cards")
@allow(SIGNED_IN)
def more_cards(posting_id: int) -> Response | str:
    """The next cards of one column; opened directly, it leads to the table of that stage."""
    posting = for_member(reading(), posting_id, current_actor(), READ)
    stage, after = _stage(request.args.get("stage")), request.args.get("after")
    if not is_htmx() or stage is None or not after:
        return redirect(f"/employer/postings/{posting_id}/applicants?view=table" + (f"&stage={stage}" if stage else ""))
    found = queries.applicants_page(reading(), posting_id, stage, _place(posting_id, stage, after), EACH)
    return render_template(
        "desk/_cards.html", posting=posting, stage=stage, cards=_with_choices(found[:EACH], posting, clock.now()),
        more=_cursor(posting_id, stage, found, EACH),
    )


@bp.get("/employer/applications/<id:application_id>")
@allow(SIGNED_IN)
def application(application_id: int) -> str:
    """One applicant: letter, answers, résumé, history, and the moves that are legal."""
    found = queries.for_member(reading(), application_id, current_actor(), READ)
    return _page(found)


def _page(found: Application, problems: dict[str, str] | None = None) -> str:
    now = clock.now()
    return render_template(
        "desk/application.html", application=found, choices=choices(found, found.posting.company_id, now),
        movers=queries.movers(reading(), found), undoable=queries.undoable(found, current_actor(), now),
        problems=problems or {}, given=request.form,
    )


@bp.post("/employer/applications/<id:application_id>/move")
@allow(SIGNED_IN)
def move_application(application_id: int) -> Response | str | tuple[str, int]:
    """Move an application; a stale version gets the fresh card, an illegal move the legal ones."""
    form, actor = request.form, current_actor()
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, MOVE, lock=True)
            before = found.stage
            services.move(
                session, found, form.get("to", ""), version_given(form), actor, form.get("reason", ""),
                form.get("notify", ""), clock.now(),
            )
    except Conflict:
        return _stale(application_id)
    except Invalid as error:
        return _refused(application_id, error)
    return _moved(application_id, before, offer_undo=True)


@bp.post("/employer/applications/<id:application_id>/undo")
@allow(SIGNED_IN)
def undo_move(application_id: int) -> Response | str | tuple[str, int]:
    """Take one's own last move back, within ten seconds."""
    actor = current_actor()
    try:
        with transaction() as session:
            found = queries.for_member(session, application_id, actor, MOVE, lock=True)
            before = found.stage
            services.undo(session, found, version_given(request.form), actor, clock.now())
    except Conflict:
        return _stale(application_id)
    except Invalid as error:
        return _refused(application_id, error)
    return _moved(application_id, before, offer_undo=False)


def _moved(application_id: int, before: Stage, *, offer_undo: bool) -> Response | str:
    found = queries.for_member(reading(), application_id, current_actor(), READ)
    words = found.stage.value.replace("_", " ")
    told = f"{found.name}: {words}." if offer_undo else f"{found.name} is back in {words}."
    if not is_htmx():
        flash(told)
        return redirect(way_back(f"/employer/postings/{found.posting_id}/applicants"), 303)
    done = render_template("desk/_moved.html", told=told, row=found, offered=offer_undo)
    return _in_place(found, {before, found.stage}) + partial("#toasts", done, "beforeend")


def _in_place(found: Application, stages: set[Stage], problem: str = "") -> str:
    """The card taken from where it is and put into its column, the counts with it."""
    cards = partial(f"#application-{found.id}", "", "delete") + partial(
        f"#cards-{found.stage}", _card(found, problem), "afterbegin"
    )
    numbers = queries.counts(reading(), found.posting_id)
    return cards + Markup("").join(partial(f"#count-{stage}", str(numbers[stage])) for stage in sorted(stages))


def _card(found: Application, problem: str = "") -> str:
    return render_template(
        "desk/_application_card.html", card=queries.card_of(found), problem=problem, given=request.form,
        choices=choices(found, found.posting.company_id, clock.now()),
    )


def _stale(application_id: int) -> tuple[str, int] | Response:
    found = queries.for_member(reading(), application_id, current_actor(), READ)
    names, last = queries.movers(reading(), found), found.events[-1]
    who = names.get(last.actor_id, "The applicant") if last.actor_id else "Somebody"
    said = f"{who} moved this application meanwhile: it is {found.stage.value.replace('_', ' ')} now."
    if not is_htmx():
        return _page(found, {"version": said}), 409
    return _in_place(found, set(Stage), said) + toast(said, "error"), 409


def _refused(application_id: int, error: Invalid) -> tuple[str, int]:
    found = queries.for_member(reading(), application_id, current_actor(), READ)
    problems = error.fields or {"to": error.message}
    if not is_htmx():
        return _page(found, problems), 422
    said = " ".join([error.message, *error.fields.values()])
    return partial(f"#application-{found.id}", _card(found, said), "outerHTML") + toast(said, "error"), 422


def _with_choices(
    cards: Sequence[ApplicantCard], posting: Posting, now: datetime
) -> list[tuple[ApplicantCard, tuple[Stage, ...]]]:
    return [(card, choices(card, posting.company_id, now)) for card in cards]


def _stage(text: str | None) -> Stage | None:
    return Stage(text) if text in list(Stage) else None


def _list(posting_id: int, stage: Stage | None) -> str:
    return f"applicants:{posting_id}:{stage or 'all'}"


def _cursor(posting_id: int, stage: Stage | None, found: Sequence[ApplicantCard], limit: int) -> str:
    """Where the list goes on, empty at its end. `found` holds one more than `limit` where it does."""
    if len(found) <= limit:
        return ""
    last = found[limit - 1]
    return seal(settings().key, _list(posting_id, stage), [last.moved_at.isoformat(), last.id])


def _place(posting_id: int, stage: Stage | None, cursor: str) -> Place:
    at, application_id = unseal(settings().key, _list(posting_id, stage), cursor)
    return datetime.fromisoformat(at), application_id
