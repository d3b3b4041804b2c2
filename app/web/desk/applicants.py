"""Applicants of a posting: board, table and export over one state in the address."""

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, stream_with_context
from werkzeug.wrappers import Response as Answer

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import NotFound
from app.domain.applications import roster
from app.domain.applications.models import Stage
from app.domain.applications.roster import ApplicantFilter
from app.domain.audit.services import record
from app.domain.companies.policies import can
from app.domain.postings.models import Posting
from app.domain.postings.queries import for_member
from app.web.desk import blueprint as bp
from app.web.desk.applicants_view import (
    ALWAYS,
    EACH,
    EXPORT,
    MOVE,
    PAGE,
    READ,
    REASONS,
    STAGES,
    Seats,
    address,
    base,
    chosen_here,
    cursor,
    place,
    seats_of,
    tally,
    totals,
    words,
)
from app.web.htmx import answer, go, is_htmx, partial
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.spreadsheet import csv_line

EXPORTED = 500


@bp.get("/employer/postings/<id:posting_id>/applicants")
@allow(SIGNED_IN)
def applicants(posting_id: int) -> str:
    """The applicants of a posting, as a board or (`?view=table`) a table."""
    posting = for_member(reading(), posting_id, current_actor(), READ)
    return render_template("desk/applicants.html", **page(posting, chosen_here()))


def page(posting: Posting, chosen: ApplicantFilter) -> dict[str, Any]:
    """All that the list needs: the same for the page and its fragments."""
    session, actor, seats = reading(), current_actor(), seats_of(posting)
    counts = roster.counts(session, posting.id, chosen)
    shown = sum(number for (stage, _), number in counts.items() if chosen.stage in (None, stage))
    facts = {
        "posting": posting, "chosen": chosen, "counts": counts, "total": shown, "address": address, "base": base,
        "words": words, "sorts": roster.SORTS, "ratings": roster.RATINGS, "answers": roster.ANSWERS,
        "reasons": REASONS, "always": ALWAYS, "may_move": can(actor, MOVE, posting.company_id),
        "may_export": can(actor, EXPORT, posting.company_id), "may_part": can(actor, STAGES, posting.company_id),
        "targets": targets(seats), "chips": _chips(posting.id, chosen), "problem": "", "given": {},
        "totals": totals(counts), "posting_id": posting.id,
        "chosen_stages": [(stage.value, words(stage)) for stage in Stage],
        "undoable": roster.just_moved(session, posting.id, actor, clock.now()),
    }
    return facts | (_table(posting, chosen, seats) if chosen.view == "table" else _board(posting, chosen, seats))


def targets(seats: Seats) -> list[tuple[str, str]]:
    """Where several may be moved at once; whom it does not suit is told."""
    found: list[tuple[str, str]] = []
    for stage in ("in_review", "interview", "offer", "hired", "rejected", "spam"):
        found.append((stage, stage.replace("_", " ").capitalize()))
        found += [
            (f"{stage}:{own.id}", f"{own.name} ({stage.replace('_', ' ')})")
            for own in seats.stages if own.stage == stage and own.archived_at is None
        ]
    return found


def _board(posting: Posting, chosen: ApplicantFilter, seats: Seats) -> dict[str, Any]:
    cards = roster.board(reading(), posting.id, chosen, EACH)
    columns = []
    for column in roster.columns(list(seats.stages)):
        found = cards.get((column.stage, column.own_id), [])
        more = cursor(posting.id, chosen, column, found, EACH)
        columns.append((column, [seats.seat(card) for card in found[:EACH]], more))
    return {"columns": columns}


def _table(posting: Posting, chosen: ApplicantFilter, seats: Seats) -> dict[str, Any]:
    after = request.args.get("after", "")
    found = roster.page(reading(), posting.id, chosen, place(posting.id, chosen, None, after), PAGE)
    return {
        "rows": [seats.seat(card) for card in found[:PAGE]], "paged": bool(after),
        "more": cursor(posting.id, chosen, None, found, PAGE),
    }


def _chips(posting_id: int, chosen: ApplicantFilter) -> list[tuple[str, str]]:
    """(label, address without it) of every filter that leaves somebody out."""
    told = {
        "q": f"“{chosen.q}”", "stage": words(chosen.stage) if chosen.stage else "",
        "rating": roster.RATINGS.get(chosen.rating, ""), "answered": roster.ANSWERS.get(chosen.answered, ""),
    }
    given = chosen.arguments
    empty: dict[str, Any] = {"stage": None}
    return [
        (label, address(base(posting_id), chosen.but(**{name: empty.get(name, "")})))
        for name, label in told.items() if name in given
    ]


def _fragment(posting_id: int, view: str) -> Answer | str:
    """The results with what stands around them; opened directly, the way to the page."""
    posting = for_member(reading(), posting_id, current_actor(), READ)
    chosen = chosen_here().but(view=view)
    if not is_htmx():
        return go(address(base(posting_id), chosen), 302)
    facts = page(posting, chosen)
    parts = [
        partial(f"#{name}", render_template(f"desk/_applicants_{name}.html", **facts))
        for name in ("chips", "count", "views")
    ]
    if view == "table":
        parts.append(partial("#tally", tally(posting_id, chosen, facts["counts"])))
    made = answer(render_template("desk/_applicants_results.html", **facts), *parts)
    made.headers["HX-Push-Url"] = address(base(posting_id), chosen)
    return made


@bp.get("/employer/postings/<id:posting_id>/applicants/rows")
@allow(SIGNED_IN)
def applicant_rows(posting_id: int) -> Answer | str:
    """The table's rows."""
    return _fragment(posting_id, "table")


@bp.get("/employer/postings/<id:posting_id>/applicants/cards")
@allow(SIGNED_IN)
def more_cards(posting_id: int) -> Answer | str:
    """The board's columns or, with `column` and `after`, the next cards of one."""
    column_name = request.args.get("column", "") or request.args.get("stage", "")
    after = request.args.get("after", "")
    if not (is_htmx() and column_name and after):
        return _fragment(posting_id, "board")
    posting, chosen = for_member(reading(), posting_id, current_actor(), READ), chosen_here()
    seats = seats_of(posting)
    column = next((c for c in roster.columns(list(seats.stages)) if c.slug == column_name), None)
    if column is None:
        raise NotFound
    chosen = chosen.but(view="board", stage=None)
    found = roster.page(reading(), posting_id, chosen, place(posting_id, chosen, column, after), EACH, column)
    return render_template(
        "desk/_cards.html", posting=posting, column=column, seats=[seats.seat(card) for card in found[:EACH]],
        more=cursor(posting_id, chosen, column, found, EACH), chosen=chosen, address=address, base=base, words=words,
        problem="", given={},
    )


@bp.get("/employer/postings/<id:posting_id>/applicants.csv")
@allow(SIGNED_IN)
def applicants_csv(posting_id: int) -> Response:
    """The applicants the filter finds as a table for a spreadsheet; who took it is recorded."""
    actor, chosen = current_actor(), chosen_here()
    with transaction() as session:
        for_member(session, posting_id, actor, EXPORT)
        record(session, actor, "applicants.export", ("posting", posting_id), clock.now())
    posting = for_member(reading(), posting_id, actor, EXPORT)
    names = {own.id: own.name for own in roster.own_stages(reading(), posting.company_id)}
    made = Response(stream_with_context(_lines(posting_id, chosen, names)), mimetype="text/csv")
    made.headers["Content-Disposition"] = f'attachment; filename="applicants-{posting_id}.csv"'
    made.headers["Cache-Control"] = "private, no-store"
    return made


def _lines(posting_id: int, chosen: ApplicantFilter, names: dict[int, str]) -> Iterator[str]:
    yield "\ufeff" + csv_line(["Name", "E-mail", "Stage", "Own stage", "Rating", "Applied", "Moved"])
    for card in roster.exported(reading(), posting_id, chosen, EXPORTED):
        own = names.get(card.company_stage_id, "") if card.company_stage_id else ""
        rating = f"{card.rating / 100:.2f}" if card.rating else ""
        yield csv_line([
            card.name, card.email, words(card.stage), own, rating, f"{card.submitted_at:%Y-%m-%d %H:%M}",
            f"{card.moved_at:%Y-%m-%d %H:%M}",
        ])


