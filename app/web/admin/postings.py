"""All postings in one table; each act is one request that swaps one row."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.companies.policies import Permission
from app.domain.postings import moderation
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.queries import categories
from app.domain.postings.services import ACTIONS, admin_act, undoable
from app.domain.postings.transitions import status_at
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, view
from app.web.context import board
from app.web.forms import version_given, way_back
from app.web.htmx import is_htmx, partial, toast
from app.web.people import current_actor
from app.web.policy import allow

LABELS = {
    "approve": "Approve", "request-changes": "Request changes", "reject": "Reject", "freeze": "Freeze",
    "unfreeze": "Unfreeze", "feature": "Feature", "unfeature": "Stop featuring", "remove": "Remove", "undo": "Undo",
}
DONE = {
    "approve": "Approved", "request-changes": "Changes requested", "reject": "Rejected", "freeze": "Frozen",
    "unfreeze": "Unfrozen", "feature": "Featured", "unfeature": "No longer featured", "remove": "Removed",
    "undo": "Undone",
}
AT_HAND = frozenset({"approve", "freeze", "unfreeze", "feature", "unfeature"})
STATES = {str(state): state for state in (*PostingStatus, *moderation.Flag)}
SORTS = {str(sort): sort for sort in moderation.Sort}


@dataclass(frozen=True, slots=True)
class Row:
    """A posting as the table shows it."""

    id: int
    title: str
    url: str
    company: str
    place: str
    status: PostingStatus
    frozen: bool
    featured: bool
    changed: datetime
    version: int
    acts: tuple[str, ...]


def row_of(posting: Posting, now: datetime) -> Row:
    """The facts of one row."""
    return Row(
        id=posting.id, title=posting.title, url=f"/jobs/{posting.id}/{posting.slug}" if posting.slug else "",
        company=posting.company.name if posting.company else "Company not named", place=posting.place_label,
        status=status_at(posting, now), frozen=posting.frozen, featured=posting.featured,
        changed=posting.updated_at, version=posting.version, acts=moderation.offers(posting, now),
    )


def _id(text: str) -> int | None:
    return int(text) if text else None


@bp.get("/admin/postings")
@allow(Permission.ADMIN_POSTINGS_READ)
def postings() -> str:
    """The table, as its address asks: words, a state, an order, a page."""
    fields, now = {row.slug: row.name for row in categories(reading(), archived=True)}, clock.now()
    asked = view("/admin/postings", status=STATES, sort=SORTS, category=fields, numbers=("id", "company"))
    sort = SORTS.get(asked.get("sort"), moderation.Sort.NEWEST)
    filters = moderation.Asked(
        asked.words, STATES.get(asked.get("status")), sort, _id(asked.get("id")), _id(asked.get("company")),
        asked.get("category"),
    )
    found = moderation.page(reading(), filters, asked.left(), PAGE, now)
    shown, next_url = asked.split(found, lambda posting: moderation.left_at(posting, sort))
    rows = [row_of(posting, now) for posting in shown]
    return render_template(
        "admin/postings.html", view=asked, rows=rows, next_url=next_url, labels=LABELS, at_hand=AT_HAND,
        states=list(STATES), fields=fields, here=asked.here(), undone=just_done(now),
    )


@bp.post(f"/admin/postings/<id:posting_id>/<any({','.join(map(repr, sorted(ACTIONS)))}):action>")
@allow(Permission.ADMIN_POSTINGS_MODERATE)
def act(posting_id: int, action: str) -> Response | tuple[str, int]:
    """Do one thing to one posting; answers with its row, whatever came of it."""
    actor, now, reason = current_actor(), clock.now(), request.form.get("reason", "")
    try:
        with transaction() as session:
            posting = moderation.locked(session, posting_id)
            version = version_given(request.form)
            admin_act(session, posting, action, version, actor, reason, now, board().posting_days)
    except Conflict as error:
        return _refused(posting_id, action, 409, f"{error.message} {_who(posting_id)}".strip())
    except Invalid as error:
        return _refused(posting_id, action, 422, error.message, error.fields.get("reason", ""))
    row = row_of(moderation.row(reading(), posting_id), now)
    told = f"{DONE[action]}: {row.title}"
    if not is_htmx():
        flash(told)
        return redirect(way_back("/admin/postings"), 303)
    here = way_back("/admin/postings")
    undo = render_template("admin/_done.html", told=told, row=row, offered=action != "undo", here=here)
    return f"{_row(row)}{partial('#toasts', undo, 'beforeend')}", 200


def just_done(now: datetime) -> Row | None:
    """The posting this admin acted on a moment ago, where that can be undone."""
    posting = undoable(reading(), current_actor(), now)
    return row_of(posting, now) if posting else None


def _row(row: Row, ask: str = "", problem: str = "") -> str:
    return render_template(
        "admin/_row.html", row=row, labels=LABELS, at_hand=AT_HAND, ask=ask, problem=problem,
        here=way_back("/admin/postings"),
    )


def _refused(posting_id: int, action: str, status: int, message: str, reason: str = "") -> tuple[str, int]:
    row = row_of(moderation.row(reading(), posting_id), clock.now())
    ask = action if reason else ""
    if is_htmx():
        said = "" if ask else toast(message, "error")
        return f"{_row(row, ask, reason or message)}{said}", status
    page = render_template(
        "admin/refused.html", row=row, labels=LABELS, at_hand=AT_HAND, ask=ask, problem=reason, message=message,
        here=way_back("/admin/postings"),
    )
    return page, status


def _who(posting_id: int) -> str:
    change = moderation.last_change(reading(), posting_id)
    if change is None:
        return ""
    return f"{change.who or 'The board itself'} did: {change.action.removeprefix('posting.').replace('_', ' ')}."
