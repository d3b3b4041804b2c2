"""Fields of work: added, ordered, renamed, merged and archived; every act answers with the whole short list."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.companies.policies import Permission
from app.domain.postings.queries import categories as in_order
from app.domain.postings.queries import category_sizes, former_slugs
from app.domain.postings.services import categories as services
from app.web.admin import blueprint as bp
from app.web.forms import Problems, version_given, whole_number
from app.web.htmx import is_htmx, toast
from app.web.people import current_actor
from app.web.policy import allow

HOME = "/admin/categories"


def _values(**more: Any) -> dict[str, Any]:
    rows = in_order(reading(), archived=True)
    wrong = {"at": 0, "problems": Problems(), "message": "", "typed": {}}
    return {"rows": rows, "sizes": category_sizes(reading())} | wrong | more


@bp.get("/admin/categories")
@allow(Permission.ADMIN_POSTINGS_READ)
def categories() -> str:
    """Fields of work in the board's order."""
    return render_template("admin/categories.html", **_values())


def _done(work: Callable[[Session], object], told: str, at: int) -> Response | tuple[str, int]:
    """Do `work`; answer with the list as it is now. `at` is the row that was acted on, 0 for the new one."""
    try:
        with transaction() as session:
            work(session)
    except (Conflict, Invalid) as error:
        status = 409 if isinstance(error, Conflict) else 422
        fields = error.fields if isinstance(error, Invalid) else {}
        values = _values(at=at, problems=Problems(fields), message=error.message, typed=request.form)
        page = "admin/_categories.html" if is_htmx() else "admin/categories.html"
        return render_template(page, **values), status
    if is_htmx():
        return f"{render_template('admin/_categories.html', **_values())}{toast(told)}", 200
    flash(told)
    return redirect(HOME, 303)


@bp.post("/admin/categories")
@allow(Permission.ADMIN_CATEGORIES_EDIT)
def category_add() -> Response | tuple[str, int]:
    """Add a field at the end of the order."""
    name, slug = request.form.get("name", ""), request.form.get("slug", "")
    return _done(
        lambda session: services.add_category(session, name, slug, current_actor(), clock.now()), "Added.", 0
    )


@bp.post("/admin/categories/<id:category_id>/<any('archive','place','rename','unarchive'):category_action>")
@allow(Permission.ADMIN_CATEGORIES_EDIT)
def category_act(category_id: int, category_action: str) -> Response | tuple[str, int]:
    """Change one field: `place` takes `place` (from 0), `rename` takes `name` and `slug`."""
    form, actor, now, action = request.form, current_actor(), clock.now(), category_action

    def work(session: Session) -> None:
        category = services.locked_category(session, category_id)
        version = version_given(form)
        if action == "rename":
            name, slug = form.get("name", ""), form.get("slug", "")
            services.rename_category(session, category, name, slug, version, actor, now)
        elif action == "place":
            services.place_category(session, category, _place(form.get("place", "")), version, actor, now)
        else:
            services.archive_category(session, category, action == "archive", version, actor, now)

    told = {"archive": "Archived.", "unarchive": "In use again.", "place": "Moved.", "rename": "Saved."}
    return _done(work, told[action], category_id)


def _place(text: str) -> int:
    """A place of the order. Raises Invalid where it is none."""
    place = whole_number(text, digits=6)
    if place is None:
        raise Invalid("The form does not say where to put it. Reload the page.", {"place": "Missing."})
    return place


def _merge_page(category_id: int, status: int = 200, message: str = "") -> tuple[str, int]:
    rows = in_order(reading(), archived=True)
    category = next((row for row in rows if row.id == category_id), None)
    if category is None:
        raise NotFound
    others = [row for row in rows if row.id != category_id and row.archived_at is None]
    into = next((row for row in others if str(row.id) == request.values.get("into", "")), None)
    return render_template(
        "admin/merge_category.html", category=category, others=others, into=into, message=message,
        sizes=category_sizes(reading()),
    ), status


@bp.get("/admin/categories/<id:category_id>/merge")
@allow(Permission.ADMIN_CATEGORIES_EDIT)
def category_merge_form(category_id: int) -> tuple[str, int]:
    """Choose the field this one is merged into, then see what that means before it is done."""
    return _merge_page(category_id)


@bp.post("/admin/categories/<id:category_id>/merge")
@allow(Permission.ADMIN_CATEGORIES_EDIT)
def category_merge(category_id: int) -> Response | tuple[str, int]:
    """Move its postings to another field and end it; its address keeps answering."""
    form = request.form
    try:
        with transaction() as session:
            into = services.locked_category(session, whole_number(form.get("into", "")) or 0)
            if former_slugs(session, [form.get("slug", "")]).get(form.get("slug", "")) != into.slug:
                versions = (version_given(form), version_given({"version": form.get("into_version", "")}))
                category = services.locked_category(session, category_id)
                services.merge_category(session, category, into, versions, current_actor(), clock.now())
    except Conflict as error:
        return _merge_page(category_id, 409, error.message)
    except Invalid as error:
        return _merge_page(category_id, 422, error.message)
    flash("The fields are one now.")
    return redirect(HOME, 303)
