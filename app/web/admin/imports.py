"""Imports and what they refused; feeds that are looked at again and again, each act answering with all of them."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.companies.policies import Permission
from app.domain.imports import services
from app.domain.imports.queries import latest_runs, problems, sources
from app.domain.imports.readers import FORMATS
from app.domain.imports.services.sources import EVERY
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, View, view
from app.web.context import settings
from app.web.forms import Problems, whole_number
from app.web.htmx import is_htmx, toast
from app.web.people import current_actor
from app.web.policy import allow

HOME = "/admin/imports"
_OFTEN = {1: "Every hour", 24: "Every day", 72: "Every three days", 168: "Every week"}
_ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "look": (services.look_now, "The worker looks within a minute."),
    "pause": (services.pause, "Paused. Its postings stay."),
    "resume": (services.resume, "It is looked at again."),
    "count-missing": (services.count_missing, "The next look is believed."),
    "remove": (services.remove, "Removed. Its postings stay."),
}


def _before(asked: View) -> int | None:
    left = asked.left()
    return left[0] if left else None


def _often(hours: int) -> str:
    return _OFTEN.get(hours, f"Every {hours} hours")


def _sources(**more: Any) -> dict[str, Any]:
    """What the list of feeds and the form below it show."""
    return {
        "sources": sources(reading()), "now": clock.now(), "often": {hours: _often(hours) for hours in EVERY},
        "formats": [(name, name) for name in FORMATS], "problems": Problems(), "message": "",
        "typed": {}, "removed": False,
    } | more


def _page(**more: Any) -> str:
    asked = view(HOME)
    shown, next_url = asked.split(latest_runs(reading(), _before(asked), PAGE), lambda run: [run.id])
    return render_template("admin/imports.html", runs=shown, view=asked, next_url=next_url, **_sources(**more))


@bp.get("/admin/imports")
@allow(Permission.ADMIN_IMPORTS_READ)
def imports() -> str:
    """Feeds that are looked at, and imports, the latest first, with what became of their rows."""
    return _page()


@bp.get("/admin/imports/<id:run_id>")
@allow(Permission.ADMIN_IMPORTS_READ)
def import_problems(run_id: int) -> str:
    """The rows an import refused, each with its line and the reason."""
    asked = view(f"/admin/imports/{run_id}")
    found = problems(reading(), run_id, _before(asked) or 0, PAGE)
    shown, next_url = asked.split(found, lambda problem: [problem.line])
    return render_template(
        "admin/list.html", heading="Refused rows", placeholder="", empty="Nothing was refused", view=asked,
        columns=("Line", "Reason"), rows=[(problem.line, problem.reason) for problem in shown], next_url=next_url,
    )


@bp.post("/admin/imports/sources")
@allow(Permission.ADMIN_IMPORTS_EDIT)
def source_add() -> Response | tuple[str, int]:
    """Begin to look at a feed; the worker does so within a minute."""
    form = request.form
    wish = services.Wish(
        url=form.get("url", ""), format=form.get("format", ""), company=form.get("company", ""),
        publish=form.get("publish") == "1", every_hours=whole_number(form.get("every_hours", ""), digits=4) or 0,
    )
    return _done(
        lambda session: services.add(session, wish, settings().may_reach, current_actor(), clock.now()),
        "Added. The worker looks at it within a minute.",
    )


@bp.post("/admin/imports/sources/<id:source_id>/<any('look','pause','resume','count-missing','remove'):source_action>")
@allow(Permission.ADMIN_IMPORTS_EDIT)
def source_act(source_id: int, source_action: str) -> Response | tuple[str, int]:
    """Do one thing to one feed."""
    act, told = _ACTS[source_action]
    return _done(
        lambda session: act(session, source_id, current_actor(), clock.now()), told, removed=source_action == "remove"
    )


def _done(work: Callable[[Session], object], told: str, *, removed: bool = False) -> Response | tuple[str, int]:
    """Do `work`; answer with the feeds as they are now."""
    try:
        with transaction() as session:
            work(session)
    except (Conflict, Invalid, NotFound) as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        status = 422 if isinstance(error, Invalid) else 409 if isinstance(error, Conflict) else 404
        typed = request.form if fields else {}
        more = {"problems": Problems(fields), "message": "" if fields else error.message, "typed": typed}
        return (render_template("admin/_sources.html", **_sources(**more)) if is_htmx() else _page(**more)), status
    if is_htmx():
        return f"{render_template('admin/_sources.html', **_sources(removed=removed))}{toast(told)}", 200
    flash(told)
    return redirect(HOME, 303)
