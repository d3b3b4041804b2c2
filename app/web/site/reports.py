"""Reporting a posting: a small form, and one answer whatever was known before."""

from collections.abc import Mapping

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Gone
from app.domain.postings.models import LONGEST_REPORT, Posting, ReportReason
from app.domain.postings.queries import is_live, once_public
from app.domain.postings.services.reports import checked, report, whence
from app.web.context import settings
from app.web.forms import Problems
from app.web.htmx import is_htmx
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.security import limited
from app.web.site import blueprint as bp

REASONS = {
    ReportReason.SCAM: "It is a scam or asks for money",
    ReportReason.DISCRIMINATORY: "It is discriminatory",
    ReportReason.NOT_A_JOB: "It is not a job",
    ReportReason.OVER: "It is filled or over",
    ReportReason.WRONG_FACTS: "Pay, place or another fact is wrong",
    ReportReason.OTHER: "Something else",
}


@bp.get("/jobs/<id:posting_id>/-/report")
@allow(PUBLIC)
def report_form(posting_id: int) -> str:
    """The form: unfolds on the posting's page, a page of its own without a script."""
    return _form(posting_id, {}, {})


@bp.post("/jobs/<id:posting_id>/report")
@allow(PUBLIC)
@limited("10 per minute;40 per hour")
def report_posting(posting_id: int) -> Response | str | tuple[str, int]:
    """Keep what is said. The answer is the same for the first report and for the tenth."""
    reason, words, problems = checked(request.form.get("reason", ""), request.form.get("words", ""))
    if reason is None or problems:
        return _form(posting_id, request.form, problems), 422
    come = whence(settings().key, posting_id, request.remote_addr or "")
    with transaction() as session:
        report(session, posting_id, current_actor(), reason, words, come, clock.now())
    if is_htmx():
        return render_template("site/_reported.html")
    return redirect(f"/jobs/{posting_id}/-/reported", 303)


@bp.get("/jobs/<id:posting_id>/-/reported")
@allow(PUBLIC)
def reported(posting_id: int) -> str:
    """Thanks: the same for everybody, whoever asks."""
    posting = once_public(reading(), posting_id, clock.now())
    return render_template("site/reported.html", posting=posting)


def _form(posting_id: int, values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "site/_report.html" if is_htmx() else "site/report.html", posting=_live(posting_id), values=values,
        problems=Problems(problems), reasons=[(reason.value, label) for reason, label in REASONS.items()],
        longest=LONGEST_REPORT,
    )


def _live(posting_id: int) -> Posting:
    session, now = reading(), clock.now()
    found = once_public(session, posting_id, now)
    if not is_live(session, found, now):
        raise Gone("This job is not on the board now, so there is nothing to report.")
    return found
