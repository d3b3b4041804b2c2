"""Which news one wants by mail, and the one-click stop below them."""

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core.db import reading, transaction
from app.core.errors import BadCursor
from app.domain.accounts.notices import (
    Frequency,
    Notice,
    choices,
    choose,
    stop,
    unsubscribe_token,
)
from app.web.context import links
from app.web.forms import Problems
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import PUBLIC, SIGNED_IN, allow
from app.web.proofs import confidential
from app.web.security import csrf, limited
from app.web.site import blueprint as bp

WORDS = {
    Notice.NEW_APPLICANT: ("New applicants", "Somebody applied to a job of your company."),
    Notice.POSTING_EXPIRING: ("Jobs about to end", "A job of your company leaves the board soon."),
}
FOR_MEMBERS = frozenset({Notice.NEW_APPLICANT, Notice.POSTING_EXPIRING})
"""News of companies: they concern members only."""
HOW_OFTEN = [
    (Frequency.INSTANT.value, "At once"), (Frequency.DAILY.value, "Once a day, together"),
    (Frequency.OFF.value, "Never"),
]


def _concerning() -> list[Notice]:
    member = current_actor().is_employer
    return [notice for notice in WORDS if member or notice not in FOR_MEMBERS]


@bp.get("/me/notifications")
@allow(SIGNED_IN)
def notifications() -> tuple[str, int]:
    """What there is to choose for this person."""
    return _page({}, 200)


@bp.post("/me/notifications")
@allow(SIGNED_IN)
def notifications_post() -> Response | tuple[str, int]:
    """Keep what was chosen; what the form does not name stays."""
    wished = {notice: request.form[notice] for notice in _concerning() if notice in request.form}
    known = dict(HOW_OFTEN)
    problems = {notice.value: "Choose one of these." for notice, often in wished.items() if often not in known}
    if problems:
        return _page(problems, 422)
    with transaction() as session:
        for notice, often in wished.items():
            choose(session, current_actor().user_id or 0, notice, Frequency(often))
    flash("Saved.")
    return go("/me/notifications")


def _page(problems: dict[str, str], status: int) -> tuple[str, int]:
    chosen = choices(reading(), current_actor().user_id or 0)
    rows = [(notice.value, *WORDS[notice], chosen[notice].value) for notice in _concerning()]
    page = render_template(
        "site/me_notifications.html", rows=rows, often=HOW_OFTEN, problems=Problems(problems)
    )
    return page, status


def _stopped(token: str) -> tuple[int, Notice]:
    try:
        return unsubscribe_token(links(), token)
    except (ValueError, TypeError):
        raise BadCursor from None


@bp.get("/unsubscribe/<token>")
@allow(PUBLIC)
def unsubscribe(token: str) -> Response:
    """Asks whether these mails should stop."""
    _, notice = _stopped(token)
    return confidential(render_template("site/unsubscribe.html", token=token, label=WORDS[notice][0], done=False))


@bp.post("/unsubscribe/<token>")
@allow(PUBLIC)
@csrf.exempt  # mail programs send it by themselves (RFC 8058); the signed link says whose mails stop
@limited("60 per minute")
def unsubscribe_post(token: str) -> Response:
    """Stop these mails, at once and for good."""
    user_id, notice = _stopped(token)
    with transaction() as session:
        stop(session, user_id, notice)
    return confidential(render_template("site/unsubscribe.html", token=token, label=WORDS[notice][0], done=True))
