"""Reports: the postings people complain about, the longest waiting first; each decision is one request and one row."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.companies.policies import Permission
from app.domain.postings import moderation, reports
from app.domain.postings.models import ReportReason
from app.domain.postings.reports import Case
from app.domain.postings.services.reports import ACTS, decide
from app.web.admin import blueprint as bp
from app.web.admin.rows import Row, row_of
from app.web.admin.tables import PAGE, view
from app.web.context import board
from app.web.forms import version_given, way_back, whole_number
from app.web.htmx import is_htmx, toast
from app.web.people import current_actor
from app.web.policy import allow

WORDS = {
    ReportReason.SCAM: "scam", ReportReason.DISCRIMINATORY: "discriminatory", ReportReason.NOT_A_JOB: "not a job",
    ReportReason.OVER: "filled or over", ReportReason.WRONG_FACTS: "wrong facts", ReportReason.OTHER: "something else",
}
DONE = {"dismiss": "Reports dismissed", "freeze": "Frozen", "remove": "Removed"}
HOME = "/admin/reports"


@dataclass(frozen=True, slots=True)
class Item:
    """The reports of one posting as the table shows them; `case` is none once they are decided."""

    row: Row
    case: Case | None
    reasons: list[str]
    said: list[str]
    by_itself: bool
    """Whether the board froze it because of these reports."""


@bp.context_processor
def _reports() -> dict[str, object]:
    return {"open_reports": lambda: reports.open_cases(reading())}


@bp.get(HOME)
@allow(Permission.ADMIN_REPORTS_READ)
def reports_list() -> str:
    """Postings with open reports."""
    asked, now = view(HOME), clock.now()
    left = asked.left()
    found = reports.cases(reading(), left[0] if left else None, PAGE)
    shown, next_url = asked.split(found, lambda case: [case.first])
    items = _items(reading(), shown, now)
    return render_template("admin/reports.html", items=items, next_url=next_url, view=asked, here=asked.here())


@bp.post(f"{HOME}/<id:posting_id>/<any({','.join(map(repr, ACTS))}):action>")
@allow(Permission.ADMIN_REPORTS_DECIDE)
def decide_reports(posting_id: int, action: str) -> Response | tuple[str, int]:
    """Decide all reports of one posting; answers with its row, whatever came of it."""
    form, now = request.form, clock.now()
    try:
        with transaction() as session:
            posting = moderation.locked(session, posting_id)
            decide(
                session, posting, action, version_given(form), _seen(), current_actor(), form.get("reason", ""), now,
                board().posting_days,
            )
    except Conflict as error:
        return _answer(posting_id, 409, error.message)
    except Invalid as error:
        return _answer(posting_id, 422, error.fields.get("reason") or error.message)
    told = f"{DONE[action]}: {moderation.row(reading(), posting_id).title}"
    if not is_htmx():
        flash(told)
        return redirect(way_back(HOME), 303)
    return f"{_row(posting_id)}{toast(told)}", 200


def _seen() -> int:
    seen = whole_number(request.form.get("seen", ""))
    if seen is None:
        raise Invalid("The form does not say which reports it decides. Reload the page.")
    return seen


def _items(session: Session, found: list[Case], now: datetime) -> list[Item]:
    ids = [case.posting_id for case in found]
    rows = {posting.id: row_of(posting, now) for posting in moderation.rows(session, ids)}
    tallies, said = reports.tallies(session, ids), reports.said(session, ids)
    frozen = reports.frozen_by_reports(session, [id_ for id_ in ids if rows[id_].frozen])
    return [
        Item(
            rows[case.posting_id], case, _reasons(tallies.get(case.posting_id, [])), said.get(case.posting_id, []),
            case.posting_id in frozen,
        )
        for case in found
    ]


def _reasons(tally: list[tuple[ReportReason, int]]) -> list[str]:
    return [f"{WORDS[reason]} ({number})" if number > 1 else WORDS[reason] for reason, number in tally]


def _item(posting_id: int) -> Item:
    session, now = reading(), clock.now()
    case = reports.case_of(session, posting_id)
    if case is not None:
        return _items(session, [case], now)[0]
    return Item(row_of(moderation.row(session, posting_id), now), None, [], [], by_itself=False)


def _row(posting_id: int, problem: str = "") -> str:
    return render_template(
        "admin/_report.html", item=_item(posting_id), problem=problem, here=way_back(HOME),
        reason=request.form.get("reason", "") if problem else "",
    )


def _answer(posting_id: int, status: int, message: str) -> tuple[str, int]:
    if is_htmx():
        return f"{_row(posting_id, message)}{toast(message, 'error')}", status
    page = render_template(
        "admin/reports_refused.html", items=[_item(posting_id)], problem=message, here=way_back(HOME),
        reason=request.form.get("reason", ""),
    )
    return page, status
