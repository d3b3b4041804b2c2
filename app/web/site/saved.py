"""Saving postings, letting go of them, and the list of what one saved."""

from datetime import datetime
from types import SimpleNamespace

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Gone
from app.core.paging import seal, unseal
from app.domain.alerts.models import SavedPosting
from app.domain.alerts.queries import saved_page, still_live
from app.domain.alerts.services import save, unsave
from app.domain.postings.queries import is_live, once_public
from app.web.context import settings
from app.web.forms import way_back
from app.web.htmx import is_htmx
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.site import blueprint as bp

PAGE = 20


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
    """What the person saved, latest first; what is over says so."""
    session, user_id = reading(), current_actor().user_id or 0
    after = request.args.get("after")
    found = saved_page(session, user_id, _place(user_id, after) if after else None, PAGE)
    rows = found[:PAGE]
    more = seal(settings().key, _list(user_id), _mark(rows[-1])) if len(found) > PAGE else ""
    open_now = still_live(session, [row.posting_id for row in rows], clock.now())
    return render_template("site/me_saved.html", rows=rows, more=more, paged=bool(after), live=open_now)


def _list(user_id: int) -> str:
    return f"saved:{user_id}"


def _mark(row: SavedPosting) -> list[object]:
    return [row.saved_at.isoformat(), row.posting_id]


def _place(user_id: int, cursor: str) -> tuple[datetime, int]:
    at, posting_id = unseal(settings().key, _list(user_id), cursor)
    return datetime.fromisoformat(at), posting_id
