"""The company's own page, as its owners write it."""

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.companies.policies import Permission, can
from app.domain.companies.profile import CompanyFacts, edit_company
from app.domain.companies.queries import by_id
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import allow

READ, EDIT = Permission.COMPANIES_TEAM_READ, Permission.COMPANIES_COMPANY_EDIT


def _page(
    here: Belonging, status: int, facts: CompanyFacts | None = None, problem: Invalid | None = None, stale: str = ""
) -> tuple[str, int]:
    company = by_id(reading(), here.company_id)
    shown = facts or CompanyFacts(company.name, company.website or "", company.description_md)
    page = render_template(
        "desk/company.html", here=here, company=company, facts=shown, stale=stale,
        problems=Problems(problem.fields) if problem else Problems(),
        may_edit=can(current_actor(), EDIT, here.company_id),
    )
    return page, status


@bp.get("/employer/company")
@allow(READ)
def company() -> tuple[str, int]:
    """What is public about the company; owners may change it."""
    return _page(chosen(READ), 200)


@bp.post("/employer/company")
@allow(READ)
def company_save() -> Response | tuple[str, int]:
    """Change it."""
    here, form = chosen(EDIT), request.form
    facts = CompanyFacts(form.get("name", ""), form.get("website", ""), form.get("description", ""))
    try:
        with transaction() as session:
            found = by_id(session, here.company_id)
            edit_company(session, found, facts, version_given(form), current_actor(), clock.now())
    except Invalid as error:
        return _page(here, 422, facts, error)
    except Conflict as error:
        return _page(here, 409, stale=error.message)
    flash("Saved.")
    return go(f"/employer/company?company={here.company_slug}")
