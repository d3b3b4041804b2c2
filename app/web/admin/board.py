"""The board's own settings: name, currency, posting days, legal pages."""

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.board.queries import LegalPage, from_environment, saved
from app.domain.board.services import Wish, edit_board
from app.domain.companies.policies import Permission
from app.web.admin import blueprint as bp
from app.web.context import settings
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import allow


def _saved_wish() -> tuple[Wish, int]:
    """What was saved, as the form shows it, and its version."""
    row = saved(reading())
    if row is None:
        return Wish(), 0
    days = str(row.posting_days) if row.posting_days else ""
    pages = {page: str(getattr(row, f"{page}_md")) for page in LegalPage}
    return Wish(row.site_name or "", row.default_currency or "", days, pages), row.version


def _page(status: int, wish: Wish | None = None, problem: Invalid | None = None, stale: str = "") -> tuple[str, int]:
    stored, version = _saved_wish()
    page = render_template(
        "admin/settings.html", wish=wish or stored, version=version, usual=from_environment(settings()),
        pages=list(LegalPage), problems=Problems(problem.fields) if problem else Problems(), stale=stale,
    )
    return page, status


@bp.get("/admin/settings")
@allow(Permission.ADMIN_BOARD_EDIT)
def board_settings() -> tuple[str, int]:
    """What the board is called, which money it means, how long postings stay, and what the law asks for."""
    return _page(200)


@bp.post("/admin/settings")
@allow(Permission.ADMIN_BOARD_EDIT)
def board_settings_save() -> Response | tuple[str, int]:
    """Change it. A change counts from the next request on; postings that have an end keep it."""
    form = request.form
    wish = Wish(
        form.get("site_name", ""), form.get("default_currency", ""), form.get("posting_days", ""),
        {page: form.get(page, "") for page in LegalPage},
    )
    try:
        with transaction() as session:
            edit_board(session, wish, version_given(form), current_actor(), clock.now())
    except Invalid as error:
        return _page(422, wish, error)
    except Conflict as error:
        return _page(409, wish, stale=error.message)
    flash("Saved.")
    return go("/admin/settings")
