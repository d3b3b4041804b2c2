"""Lists to look at: imports and what they refused."""

from typing import Any

from flask import render_template

from app.core.db import reading
from app.domain.companies.policies import Permission
from app.domain.imports.queries import latest_runs, problems
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, View, view
from app.web.policy import allow


def _id(row: Any) -> list[Any]:
    return [row.id]


def _before(asked: View) -> int | None:
    left = asked.left()
    return left[0] if left else None


@bp.get("/admin/imports")
@allow(Permission.ADMIN_IMPORTS_READ)
def imports() -> str:
    """Imports, the latest first, with what became of their rows."""
    asked = view("/admin/imports")
    shown, next_url = asked.split(latest_runs(reading(), _before(asked), PAGE), _id)
    return render_template("admin/imports.html", runs=shown, view=asked, next_url=next_url)


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
