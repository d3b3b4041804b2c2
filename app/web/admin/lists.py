"""Lists to look at: people, companies, fields of work, the log."""

from typing import Any

from flask import render_template

from app.core.db import reading
from app.domain.accounts import queries as accounts
from app.domain.audit import queries as audit
from app.domain.companies import queries as companies
from app.domain.companies.policies import Permission
from app.domain.imports.queries import latest_runs, problems
from app.domain.postings.queries import categories as all_categories
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, View, view
from app.web.policy import allow


def _id(row: Any) -> list[Any]:
    return [row.id]


def _before(asked: View) -> int | None:
    left = asked.left()
    return left[0] if left else None


@bp.get("/admin/users")
@allow(Permission.ADMIN_USERS_READ)
def users() -> str:
    """People, newest first, searched by name and address."""
    asked = view("/admin/users")
    found = accounts.page(reading(), asked.words, _before(asked), PAGE)
    shown, next_url = asked.split(found, _id)
    rows = [
        (user.name, user.email, "admin" if user.is_admin else "", "suspended" if user.suspended_at else "active",
         user.created_at)
        for user in shown
    ]
    return render_template(
        "admin/list.html", heading="Users", placeholder="Name or address", empty="Nobody fits", view=asked,
        columns=("Name", "E-mail", "Role", "Standing", "Joined"), rows=rows, next_url=next_url,
    )


@bp.get("/admin/companies")
@allow(Permission.ADMIN_COMPANIES_READ)
def companies_list() -> str:
    """Companies, newest first, searched by name."""
    asked = view("/admin/companies")
    found = companies.page(reading(), asked.words, _before(asked), PAGE)
    shown, next_url = asked.split(found, _id)
    sizes = companies.team_sizes(reading(), [company.id for company in shown])
    rows = [
        (company.name, company.slug, sizes.get(company.id, 0), "trusted" if company.trusted else "reviewed",
         "suspended" if company.suspended_at else "active", company.created_at)
        for company in shown
    ]
    return render_template(
        "admin/list.html", heading="Companies", placeholder="Company", empty="No company fits", view=asked,
        columns=("Name", "Address", "Members", "Postings are", "Standing", "Since"), rows=rows, next_url=next_url,
    )


@bp.get("/admin/categories")
@allow(Permission.ADMIN_POSTINGS_READ)
def categories() -> str:
    """Fields of work in the board's order."""
    rows = [(category.name, category.slug, category.position) for category in all_categories(reading())]
    return render_template(
        "admin/list.html", heading="Categories", placeholder="", empty="No fields of work yet",
        view=view("/admin/categories"), columns=("Name", "Address", "Position"), rows=rows, next_url="",
    )


@bp.get("/admin/audit")
@allow(Permission.ADMIN_AUDIT_READ)
def audit_log() -> str:
    """Who did what, newest first."""
    asked = view("/admin/audit")
    shown, next_url = asked.split(audit.page(reading(), _before(asked), PAGE), _id)
    people = accounts.names(reading(), [entry.actor_id for entry in shown])
    rows = [
        (entry.action, f"{entry.subject_type} {entry.subject_id}", people.get(entry.actor_id or 0, "the board"),
         entry.reason or "", entry.at)
        for entry in shown
    ]
    return render_template(
        "admin/list.html", heading="Audit log", placeholder="", empty="Nothing happened yet", view=asked,
        columns=("Act", "On", "By", "Reason", "When"), rows=rows, next_url=next_url,
    )


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
