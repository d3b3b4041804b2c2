"""A company's postings in one table, and their moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.applications.queries import tallies
from app.domain.companies.policies import Permission, can
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.moderation import last_change
from app.domain.postings.queries import for_member, of_company
from app.domain.postings.services import repost, submit, transition
from app.domain.postings.transitions import REPOSTABLE, Mover, legal, status_at
from app.web.context import board
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.forms import version_given, way_back
from app.web.htmx import answer, go, is_htmx, toast
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow

PAGE = 40
READ, EDIT = Permission.POSTINGS_POSTING_READ, Permission.POSTINGS_POSTING_EDIT
LABELS = {
    PostingStatus.PENDING: "Submit", PostingStatus.PUBLISHED: "Resume", PostingStatus.PAUSED: "Pause",
    PostingStatus.FILLED: "Filled", PostingStatus.CLOSED: "Close",
}
KINDS = {
    PostingStatus.PUBLISHED: "ok", PostingStatus.PENDING: "brand", PostingStatus.PAUSED: "warn",
    PostingStatus.CHANGES_REQUESTED: "warn", PostingStatus.REJECTED: "bad", PostingStatus.REMOVED: "bad",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A posting as its employer's table shows it."""

    posting: Posting
    status: PostingStatus
    applicants: int
    waiting: int
    moves: tuple[PostingStatus, ...]
    may_repost: bool

    @property
    def kind(self) -> str:
        return KINDS.get(self.status, "")


def moves_of(posting: Posting, now: datetime) -> tuple[PostingStatus, ...]:
    """Where the actor may move this posting, by the table; nowhere without the right."""
    if not can(current_actor(), EDIT, posting.company_id):
        return ()
    return legal(status_at(posting, now), Mover.EMPLOYER)


def row_of(posting: Posting, counts: Mapping[int, tuple[int, int]], now: datetime) -> Row:
    """The facts of one row; `counts` as `tallies` gives them."""
    applicants, waiting = counts.get(posting.id, (0, 0))
    status = status_at(posting, now)
    may = can(current_actor(), EDIT, posting.company_id)
    return Row(posting, status, applicants, waiting, moves_of(posting, now), may and status in REPOSTABLE)


@bp.get("/employer/postings")
@allow(READ)
def postings() -> str:
    """The table, newest first."""
    here, session, now = chosen(READ), reading(), clock.now()
    left = left_at(f"postings of {here.company_id}")
    found = of_company(session, here.company_id, left[0] if left else None, PAGE)
    shown, next_url = cut(found, PAGE, f"postings of {here.company_id}", lambda posting: [posting.id])
    return _table(here, session, shown, now, next_url=next_url, first=left is None)


def _table(
    here: Belonging, session: Session, shown: list[Posting], now: datetime, *, next_url: str, first: bool
) -> str:
    counts = tallies(session, [posting.id for posting in shown])
    return render_template(
        "desk/postings.html", here=here, rows=[row_of(posting, counts, now) for posting in shown], labels=LABELS,
        next_url=next_url, first_url="" if first else f"/employer/postings?company={here.company_slug}",
        back=request.full_path.rstrip("?"), may_edit=can(current_actor(), EDIT, here.company_id),
    )


@bp.post("/employer/postings/<id:posting_id>/move")
@allow(SIGNED_IN)
def move_posting(posting_id: int) -> Response | tuple[str, int]:
    """Submit, pause, resume, fill or close; htmx gets the row, a plain browser its way back."""
    now, actor = clock.now(), current_actor()
    try:
        with transaction() as session:
            posting = for_member(session, posting_id, actor, EDIT, lock=True)
            version, to = version_given(request.form), _status(request.form.get("to", ""))
            days = board().posting_days
            if to is PostingStatus.PENDING:
                submit(session, posting, version, actor, now, days)
            else:
                reason = request.form.get("reason", "")
                transition(session, posting, to, Mover.EMPLOYER, version, actor, reason, now, days)
    except Conflict as error:
        return _stale(posting_id, f"{error.message} {who_changed(posting_id)}".strip(), now)
    done = f"This posting is now {status_at(_loaded(posting_id), now).replace('_', ' ')}."
    if is_htmx():
        return answer(_row(posting_id, now), toast(done))
    flash(done)
    return redirect(way_back("/employer/postings"), 303)


@bp.post("/employer/postings/<id:posting_id>/repost")
@allow(SIGNED_IN)
def repost_posting(posting_id: int) -> Response:
    """A new draft of a posting that ended."""
    with transaction() as session:
        posting = for_member(session, posting_id, current_actor(), EDIT, lock=True)
        draft_id = repost(session, posting, current_actor(), clock.now()).id
    return go(f"/employer/postings/{draft_id}")


def who_changed(posting_id: int) -> str:
    """A sentence naming who changed a posting last, and how; empty where nobody did."""
    change = last_change(reading(), posting_id)
    if change is None:
        return ""
    return f"Last: {change.who or 'the board itself'}, {change.action.removeprefix('posting.').replace('_', ' ')}."


def _status(text: str) -> PostingStatus:
    try:
        return PostingStatus(text)
    except ValueError:
        raise Invalid("There is no such state of a posting.", {"to": "Choose one of the moves offered."}) from None


def _loaded(posting_id: int) -> Posting:
    return for_member(reading(), posting_id, current_actor(), READ)


def _row(posting_id: int, now: datetime) -> str:
    row = row_of(_loaded(posting_id), tallies(reading(), [posting_id]), now)
    return render_template("desk/_posting_row.html", row=row, labels=LABELS, back=way_back("/employer/postings"))


def _stale(posting_id: int, message: str, now: datetime) -> Response | tuple[str, int]:
    """409 with the row as it is now."""
    if is_htmx():
        return answer(_row(posting_id, now), toast(message, "error"), status=409)
    row = row_of(_loaded(posting_id), tallies(reading(), [posting_id]), now)
    page = render_template(
        "desk/postings_stale.html", row=row, labels=LABELS, back=way_back("/employer/postings"), message=message
    )
    return page, 409
