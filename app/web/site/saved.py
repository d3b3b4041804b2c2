"""Saving postings, letting go of them, and the list of what one saved."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Gone
from app.domain.alerts.models import SavedPosting
from app.domain.alerts.queries import saved_by_end, saved_number, saved_page, still_live
from app.domain.alerts.services import save, unsave
from app.domain.postings.queries import is_live, once_public
from app.web.forms import way_back
from app.web.htmx import is_htmx
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.site import blueprint as bp

PAGE = 20
SOON = timedelta(days=7)


@bp.post("/jobs/<id:posting_id>/save")
@allow(SIGNED_IN)
def save_posting(posting_id: int) -> Response | str:
    """Keep an eye on a live posting."""
    now, user_id = clock.now(), current_actor().user_id or 0
    with transaction() as session:
        if not is_live(session, once_public(session, posting_id, now), now):
            raise Gone("This job is closed, so it cannot be saved any more.")
        save(session, user_id, posting_id, now)
    return _button(posting_id, saved=True)


@bp.post("/jobs/<id:posting_id>/unsave")
@allow(SIGNED_IN)
def unsave_posting(posting_id: int) -> Response | str:
    """Let go of a posting, live or not."""
    now, user_id = clock.now(), current_actor().user_id or 0
    with transaction() as session:
        once_public(session, posting_id, now)
        unsave(session, user_id, posting_id)
    return _button(posting_id, saved=False)


def _button(posting_id: int, *, saved: bool) -> Response | str:
    posting = once_public(reading(), posting_id, clock.now())
    url = f"/jobs/{posting.id}/{posting.slug}"
    if not is_htmx():
        return redirect(way_back(url), 303)
    card = SimpleNamespace(id=posting.id, title=posting.title, url=url, saved=saved)
    return render_template("site/_save.html", card=card)


@bp.get("/me/saved")
@allow(SIGNED_IN)
def saved_postings() -> str:
    """What the person saved, latest first, what is over says so; or what is open, the first to close first."""
    session, user_id, now = reading(), current_actor().user_id or 0, clock.now()
    closing = request.args.get("sort") == "closing"
    purpose = f"saved:{user_id}:{'closing' if closing else 'saved'}"
    left = left_at(purpose)
    place = (datetime.fromisoformat(left[0]), left[1]) if left else None
    found = saved_by_end(session, user_id, place, PAGE, now) if closing else saved_page(session, user_id, place, PAGE)
    rows, next_url = cut(found, PAGE, purpose, _closing_mark if closing else _mark)
    open_now = still_live(session, [row.posting_id for row in rows], now)
    return render_template(
        "site/me_saved.html", rows=rows, next_url=next_url, paged=bool(left), live=open_now, closing=closing,
        soon=now + SOON, number=saved_number(session, user_id),
    )


def _mark(row: SavedPosting) -> list[object]:
    return [row.saved_at.isoformat(), row.posting_id]


def _closing_mark(row: SavedPosting) -> list[object]:
    end = row.posting.expires_at
    return [end.isoformat() if end else "", row.posting_id]
