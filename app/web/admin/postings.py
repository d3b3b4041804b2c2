"""All postings in one table; each act is one request that swaps one row."""

from datetime import datetime

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.companies.policies import Permission
from app.domain.postings import moderation
from app.domain.postings.models import PostingStatus
from app.domain.postings.queries import categories
from app.domain.postings.services import ACTIONS, admin_act, set_category, undoable
from app.web.admin import blueprint as bp
from app.web.admin.review_items import reviewed
from app.web.admin.rows import Row, row_of
from app.web.admin.tables import PAGE, view
from app.web.context import board
from app.web.forms import version_given, way_back, whole_number
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
TOGETHER = ("approve", "reject", "freeze", "feature", "remove")
"""What may be done to many postings at once."""
MOST_AT_ONCE = 40
AT_HAND = frozenset({"approve", "freeze", "unfreeze", "feature", "unfeature"})
STATES = {str(state): state for state in (*PostingStatus, *moderation.Flag)}
SORTS = {str(sort): sort for sort in moderation.Sort}


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
        states=list(STATES), fields=fields, together=TOGETHER, choices=choices(), here=asked.here(),
        undone=just_done(now),
    )


def choices() -> list[tuple[str, str]]:
    """The fields of work a posting may be put into."""
    return [(row.slug, row.name) for row in categories(reading())]


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
    return _acted(posting_id, f"{DONE[action]}:", offered=action != "undo")


@bp.post("/admin/postings/<id:posting_id>/category")
@allow(Permission.ADMIN_POSTINGS_MODERATE)
def categorise(posting_id: int) -> Response | tuple[str, int]:
    """Put one posting into another field of work; answers with its row."""
    actor, now, slug = current_actor(), clock.now(), request.form.get("category", "")
    try:
        with transaction() as session:
            posting = moderation.locked(session, posting_id)
            set_category(session, posting, slug, version_given(request.form), actor, now)
    except Conflict as error:
        return _refused(posting_id, "", 409, f"{error.message} {_who(posting_id)}".strip())
    except Invalid as error:
        return _refused(posting_id, "", 422, error.message)
    return _acted(posting_id, "Another field of work:", offered=False)


@bp.post("/admin/postings/bulk")
@allow(Permission.ADMIN_POSTINGS_MODERATE)
def bulk() -> Response | tuple[str, int]:
    """One act on every posting chosen, each against the version seen; says which were not done, and why."""
    action, reason, actor = request.form.get("action", ""), request.form.get("reason", ""), current_actor()
    chosen = [_chosen(text) for text in dict.fromkeys(request.form.getlist("chosen")[:MOST_AT_ONCE])]
    if action not in TOGETHER or not chosen:
        raise Invalid("Choose postings and what to do with them.", {"chosen": "Tick at least one row."})
    refused = []
    for posting_id, version in chosen:
        try:
            with transaction() as session:
                posting = moderation.locked(session, posting_id)
                admin_act(session, posting, action, version, actor, reason, clock.now(), board().posting_days)
        except (Conflict, Invalid, NotFound) as error:
            refused.append((posting_id, error.message))
    now, here = clock.now(), way_back("/admin/postings")
    rows = {posting.id: row_of(posting, now) for posting in moderation.rows(reading(), [id_ for id_, _ in chosen])}
    told = f"{DONE[action]}: {len(chosen) - len(refused)} of {len(chosen)}."
    refusals = [(rows[id_].title if id_ in rows else f"Posting {id_}", why) for id_, why in refused]
    if is_htmx():
        swapped = [partial(f"#posting-{id_}", _row(row), "outerHTML") for id_, row in rows.items()]
        return render_template("admin/_bulk_told.html", told=told, refusals=refusals) + "".join(swapped), 200
    if not refused:
        flash(told)
        return redirect(here, 303)
    page = render_template("admin/bulk_told.html", told=told, refusals=refusals, reason=reason, here=here)
    return page, 200


def _chosen(text: str) -> tuple[int, int]:
    """The posting and the version that a ticked box stands for. Raises Invalid where it is none."""
    left, _, right = text.partition(":")
    posting_id, version = whole_number(left), whole_number(right)
    if posting_id is None or version is None:
        raise Invalid("The form does not say which postings it means. Reload the page.", {"chosen": "Missing."})
    return posting_id, version


def _acted(posting_id: int, done: str, *, offered: bool) -> Response | tuple[str, int]:
    """The row as it is now and a word of what was done, with the way back where there is one."""
    now = clock.now()
    row = row_of(moderation.row(reading(), posting_id), now)
    told = f"{done} {row.title}"
    if not is_htmx():
        flash(told)
        return redirect(way_back("/admin/postings"), 303)
    here = way_back("/admin/postings")
    undo = render_template("admin/_done.html", told=told, row=row, offered=offered, here=here, review=_is_review())
    return f"{_row(row)}{partial('#toasts', undo, 'beforeend')}", 200


def _is_review() -> bool:
    """Whether the queue asked, which shows a posting whole and not as a row."""
    return request.form.get("from") == "reviews"


def just_done(now: datetime) -> Row | None:
    """The posting this admin acted on a moment ago, where that can be undone."""
    posting = undoable(reading(), current_actor(), now)
    return row_of(posting, now) if posting else None


def _row(row: Row, ask: str = "", problem: str = "", reason: str = "") -> str:
    if _is_review():
        return reviewed(row, problem, reason)
    return render_template(
        "admin/_row.html", row=row, labels=LABELS, at_hand=AT_HAND, ask=ask, problem=problem, reason=reason,
        choices=choices(), here=way_back("/admin/postings"),
    )


def _refused(posting_id: int, action: str, status: int, message: str, problem: str = "") -> tuple[str, int]:
    """The row as it is now with what was typed: to be sent again where the act is still possible, else to be copied.

    `problem` is what is wrong with the reason.
    """
    row = row_of(moderation.row(reading(), posting_id), clock.now())
    reason = request.form.get("reason", "")
    ask = action if action in row.acts and (problem or reason) else ""
    if is_htmx():
        said = "" if ask else toast(message, "error")
        return f"{_row(row, ask, problem or message, reason)}{said}", status
    page = render_template(
        "admin/refused.html", row=row, labels=LABELS, at_hand=AT_HAND, ask=ask, problem=problem, reason=reason,
        message=message, choices=choices(), here=way_back("/admin/postings"),
    )
    return page, status


def _who(posting_id: int) -> str:
    change = moderation.last_change(reading(), posting_id)
    if change is None:
        return ""
    return f"{change.who or 'The board itself'} did: {change.deed}."
