"""The company's own page, as its owners write it."""

from dataclasses import fields

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.countries import territories
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.core.html import render_markdown
from app.domain.companies.policies import Permission, can
from app.domain.companies.queries import by_id
from app.domain.companies.services.logos import LARGEST, put_logo, redrawn
from app.domain.companies.services.profile import CompanyFacts, edit_company
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.outside import clean
from app.web.people import current_actor
from app.web.policy import allow
from app.web.security import limited
from app.web.uploads import keep, store

READ, EDIT = Permission.COMPANIES_TEAM_READ, Permission.COMPANIES_COMPANY_EDIT


def _page(
    here: Belonging, status: int, facts: CompanyFacts | None = None, problem: Invalid | None = None, stale: str = "",
    lost: CompanyFacts | None = None,
) -> tuple[str, int]:
    company = by_id(reading(), here.company_id)
    now_is = CompanyFacts(company.name, company.website or "", company.description_md, company.country or "")
    shown = facts or now_is
    page = render_template(
        "desk/company.html", here=here, company=company, facts=shown, stale=stale,
        problems=Problems(problem.fields) if problem else Problems(),
        may_edit=can(current_actor(), EDIT, here.company_id), preview=clean(render_markdown(shown.description)),
        countries=sorted(territories().items(), key=lambda country: country[1]), lost=_differences(lost, now_is),
    )
    return page, status


def _differences(lost: CompanyFacts | None, fresh: CompanyFacts) -> dict[str, str]:
    """What was typed and is not in the fresh form."""
    if lost is None:
        return {}
    typed = {field.name.capitalize(): (getattr(lost, field.name), getattr(fresh, field.name)) for field in fields(lost)}
    return {label: mine for label, (mine, now_is) in typed.items() if mine and mine != now_is}


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
    facts = CompanyFacts(**{field.name: form.get(field.name, "") for field in fields(CompanyFacts)})
    try:
        with transaction() as session:
            found = by_id(session, here.company_id)
            edit_company(session, found, facts, version_given(form), current_actor(), clock.now())
    except Invalid as error:
        return _page(here, 422, facts, error)
    except Conflict as error:
        return _page(here, 409, stale=error.message, lost=facts)
    flash("Saved.")
    return go(f"/employer/company?company={here.company_slug}")


@bp.post("/employer/company/logo")
@allow(READ)
@limited("60 per hour")
def company_logo() -> Response | tuple[str, int]:
    """Give the company a logo, or with `remove` none. The old one's bytes go with the last row that named them."""
    here, form = chosen(EDIT), request.form
    key = None
    try:
        version = version_given(form)
        if "remove" not in form:
            file = request.files.get("logo")
            key = keep(redrawn(file.stream.read(LARGEST + 1) if file is not None else b""))
        with transaction() as session:
            before = put_logo(session, by_id(session, here.company_id), key, version, current_actor(), clock.now())
    except Invalid as error:
        return _page(here, 422, problem=error)
    except Conflict as error:
        if key:
            store().delete(key)
        return _page(here, 409, stale=error.message)
    if before:
        store().delete(before)
    flash("The logo is on your page." if key else "The logo is removed.")
    return go(f"/employer/company?company={here.company_slug}")
