"""A company's postings in one table, and their moves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.applications import overview
from app.domain.applications.overview import Asked, Overview, Sort
from app.domain.applications.services.overdue import ANSWER_WITHIN
from app.domain.companies.policies import Permission, can
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.moderation import last_change
from app.domain.postings.queries import for_member
from app.domain.postings.services import just_moved, repost, submit, take_back, transition
from app.domain.postings.transitions import REPOSTABLE, TIMED, Mover, legal, status_at
from app.web.context import board
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.desk.rates import made_of, rate
from app.web.forms import Problems, version_given, way_back
from app.web.htmx import answer, go, is_htmx, partial, toast
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow

PAGE = 40
READ, EDIT = Permission.POSTINGS_POSTING_READ, Permission.POSTINGS_POSTING_EDIT
LABELS = {
    PostingStatus.PENDING: "Submit", PostingStatus.PUBLISHED: "Resume", PostingStatus.PAUSED: "Pause",
    PostingStatus.FILLED: "Mark as filled", PostingStatus.CLOSED: "Close",
}
KINDS = {
    PostingStatus.PUBLISHED: "ok", PostingStatus.PENDING: "brand", PostingStatus.PAUSED: "warn",
    PostingStatus.CHANGES_REQUESTED: "warn", PostingStatus.REJECTED: "bad", PostingStatus.REMOVED: "bad",
}
SORTS = {
    Sort.NEWEST: "Newest", Sort.EXPIRING: "Ending soonest", Sort.APPLICATIONS: "Most applications",
    Sort.VIEWS: "Most views",
}
LONGEST_SEARCH, MOST_WORDS = 100, 6


@dataclass(frozen=True, slots=True)
class Row:
    """A posting as its employer's table shows it."""

    posting: Posting
    status: PostingStatus
    views: int
    applicants: int
    waiting: int
    days_left: int | None
    moves: tuple[PostingStatus, ...]
    may_repost: bool

    @property
    def kind(self) -> str:
        return KINDS.get(self.status, "")

    @property
    def rate(self) -> str:
        return rate(self.applicants, self.views)

    @property
    def rate_title(self) -> str:
        return made_of(self.applicants, self.views)


@dataclass(frozen=True, slots=True)
class View:
    """The table as its address asks for it. `problems` names the arguments that were ignored, and why."""

    company: str
    q: str = ""
    status: PostingStatus | None = None
    sort: Sort = Sort.NEWEST
    problems: Problems = field(default_factory=Problems)

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.status)

    def url(self, **changes: str) -> str:
        """The table's address with these arguments changed, from its first page."""
        sort = "" if self.sort is Sort.NEWEST else self.sort.value
        given = {"company": self.company, "q": self.q, "status": self.status or "", "sort": sort} | changes
        return f"/employer/postings?{urlencode({name: value for name, value in given.items() if value})}"


def view_given(company: str) -> View:
    """Read the table's address."""
    args, problems = request.args, Problems()
    q = " ".join(args.get("q", "").split())
    if len(q) > LONGEST_SEARCH or len(q.split()) > MOST_WORDS:
        problems["q"], q = f"Search for {MOST_WORDS} words and {LONGEST_SEARCH} characters at the most.", ""
    states, sorts = {str(state): state for state in PostingStatus}, {str(sort): sort for sort in Sort}
    for name, known in (("status", states), ("sort", sorts)):
        if args.get(name) and args[name] not in known:
            problems[name] = "This choice is not known and was ignored."
    sort = sorts.get(args.get("sort", ""), Sort.NEWEST)
    return View(company, q, states.get(args.get("status", "")), sort, problems)


def moves_of(posting: Posting, now: datetime) -> tuple[PostingStatus, ...]:
    """Where the actor may move this posting, by the table; nowhere without the right."""
    if not can(current_actor(), EDIT, posting.company_id):
        return ()
    return legal(status_at(posting, now), Mover.EMPLOYER)


def row_of(found: Overview, now: datetime) -> Row:
    """The facts of one row."""
    posting = found.posting
    status = status_at(posting, now)
    may = can(current_actor(), EDIT, posting.company_id)
    left = (posting.expires_at - now).days if posting.expires_at and status in TIMED else None
    return Row(
        posting, status, found.views, found.applications, found.waiting, left, moves_of(posting, now),
        may and status in REPOSTABLE,
    )


@bp.get("/employer/postings")
@allow(READ)
def postings() -> str:
    """The table, as its address asks: words, a state, an order, a page."""
    here, now = chosen(READ), clock.now()
    view = view_given(here.company_slug)
    purpose = f"postings {view.url()}"
    left = left_at(purpose)
    began = overview.began_at(view.sort, left, now)
    asked = Asked(here.company_id, tuple(view.q.split()), view.status, view.sort)
    found = overview.page(reading(), asked, left, PAGE, now)
    shown, next_url = cut(found, PAGE, purpose, lambda row: overview.left_at(row, view.sort, began))
    return _table(here, view, shown, now, next_url=next_url, first=left is None)


def _table(here: Belonging, view: View, shown: list[Overview], now: datetime, **paging: Any) -> str:
    moved = just_moved(reading(), current_actor(), now)
    back = request.full_path.rstrip("?")
    return render_template(
        "desk/postings.html", here=here, view=view, rows=[row_of(row, now) for row in shown], labels=LABELS,
        next_url=paging["next_url"], first_url="" if paging["first"] else view.url(), back=back, sorts=SORTS,
        states=list(PostingStatus), may_edit=can(current_actor(), EDIT, here.company_id),
        moved=moved if moved is not None and moved.company_id == here.company_id else None,
    )


@bp.post("/employer/postings/<id:posting_id>/move")
@allow(SIGNED_IN)
def move_posting(posting_id: int) -> Response | tuple[str, int]:
    """Submit, pause, resume, fill or close; htmx gets the row, a plain browser its way back."""
    now, actor = clock.now(), current_actor()
    try:
        with transaction() as session:
            posting = for_member(session, posting_id, actor, EDIT, lock=True)
            version, (to, later) = version_given(request.form), _asked()
            days = board().posting_days
            if to is PostingStatus.PENDING:
                submit(session, posting, version, actor, now, days)
            else:
                reason = request.form.get("reason", "")
                transition(
                    session, posting, to, Mover.EMPLOYER, version, actor, reason, now, days, answer_later=later
                )
    except Conflict as error:
        return _stale(posting_id, f"{error.message} {who_changed(posting_id)}".strip(), now)
    done = f"This posting is now {status_at(_loaded(posting_id), now).replace('_', ' ')}."
    if later:
        done += f" Answer its applicants within {ANSWER_WITHIN.days} days, under Applicants."
    if is_htmx():
        offered = render_template(
            "desk/_undo.html", told=done, posting=_loaded(posting_id), back=way_back("/employer/postings"),
            offered=_undoable(posting_id, now),
        )
        return answer(_row(posting_id, now), partial("#toasts", offered, "beforeend"))
    flash(done)
    return redirect(way_back("/employer/postings"), 303)


@bp.post("/employer/postings/<id:posting_id>/undo")
@allow(SIGNED_IN)
def undo_posting(posting_id: int) -> Response | tuple[str, int]:
    """Take back one's own move of a moment ago."""
    now, actor = clock.now(), current_actor()
    try:
        with transaction() as session:
            posting = for_member(session, posting_id, actor, EDIT, lock=True)
            take_back(session, posting, version_given(request.form), actor, now)
    except Conflict as error:
        return _stale(posting_id, error.message, now)
    told = "Undone. Applications that were answered by it are open again."
    if is_htmx():
        return answer(_row(posting_id, now), toast(told))
    flash(told)
    return redirect(way_back("/employer/postings"), 303)


def _undoable(posting_id: int, now: datetime) -> bool:
    moved = just_moved(reading(), current_actor(), now)
    return moved is not None and moved.id == posting_id


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
    return f"Last: {change.who or 'the board itself'}, {change.deed}."


def _asked() -> tuple[PostingStatus, bool]:
    """Where a form moves a posting, and whether its applicants are answered later: `closed` or `closed:later`."""
    to, _, when = request.form.get("to", "").partition(":")
    if when not in ("", "later"):
        raise Invalid("There is no such state of a posting.", {"to": "Choose one of the moves offered."})
    return _status(to), bool(when)


def _status(text: str) -> PostingStatus:
    try:
        return PostingStatus(text)
    except ValueError:
        raise Invalid("There is no such state of a posting.", {"to": "Choose one of the moves offered."}) from None


def _loaded(posting_id: int) -> Posting:
    return for_member(reading(), posting_id, current_actor(), READ)


def _fresh(posting_id: int, now: datetime) -> Row:
    """The row as it is now, for a member. Raises NotFound to all others."""
    for_member(reading(), posting_id, current_actor(), READ)
    return row_of(overview.one(reading(), posting_id), now)


def _row(posting_id: int, now: datetime) -> str:
    row = _fresh(posting_id, now)
    return render_template("desk/_posting_row.html", row=row, labels=LABELS, back=way_back("/employer/postings"))


def _stale(posting_id: int, message: str, now: datetime) -> Response | tuple[str, int]:
    """409 with the row as it is now."""
    if is_htmx():
        return answer(_row(posting_id, now), toast(message, "error"), status=409)
    row = _fresh(posting_id, now)
    page = render_template(
        "desk/postings_stale.html", row=row, labels=LABELS, back=way_back("/employer/postings"), message=message
    )
    return page, 409
