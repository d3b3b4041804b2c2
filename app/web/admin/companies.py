"""Companies: the table, one company's page, what may be done to them, and merging two."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.audit import queries as audit
from app.domain.companies import directory
from app.domain.companies.models import Company
from app.domain.companies.policies import Permission
from app.domain.companies.queries import by_id, team, team_sizes
from app.domain.companies.services import merging, standing
from app.domain.postings.queries import counts_of_company
from app.web.admin import blueprint as bp
from app.web.admin.acting import Act, Row, perform
from app.web.admin.log import entries_of
from app.web.admin.tables import PAGE, view
from app.web.forms import Problems, version_given, whole_number
from app.web.people import current_actor
from app.web.policy import allow

ACTS = {
    "trust": Act("trust", "Trust", "Trusted"),
    "untrust": Act("untrust", "No longer trust", "No longer trusted"),
    "suspend": Act("suspend", "Suspend", "Suspended", asks=True),
    "restore": Act("restore", "Restore", "Restored"),
}
COLUMNS = ("Company", "Standing", "Members", "Since")
SHOWS = (
    ("", "Every company"), ("trusted", "Trusted"), ("suspended", "Suspended"), ("without_members", "Without members"),
    ("merged", "Merged into another"),
)
SORTS = (("", "Newest first"), ("name", "By name"))
CANDIDATES = 10


def _row(company: Company, members: int) -> Row:
    acts, badges = [], []
    if company.merged_into_id is not None:
        badges = [("Merged", "")]
    else:
        acts = [
            ACTS["untrust"] if company.trusted else ACTS["trust"],
            ACTS["restore"] if company.suspended_at else ACTS["suspend"],
        ]
        badges = [("Trusted", "ok")] if company.trusted else [("Reviewed", "")]
        badges += [("Suspended", "bad")] if company.suspended_at else []
    return Row(
        kind="company", path=f"/admin/companies/{company.id}", id=company.id, version=company.version,
        name=company.name, line=company.slug, badges=badges, facts=[members, company.created_at], acts=acts,
    )


def _fresh(company_id: int) -> Row:
    return _row(by_id(reading(), company_id), team_sizes(reading(), [company_id]).get(company_id, 0))


@bp.get("/admin/companies")
@allow(Permission.ADMIN_COMPANIES_READ)
def companies_list() -> str:
    """Companies as the address asks: words, some of them, an order, a page."""
    asked = view("/admin/companies", show=list(directory.Companies), sort=list(directory.Sort))
    sort = directory.Sort(asked.get("sort") or "newest")
    wanted = directory.Asked(asked.words, asked.get("show"), sort)
    found = directory.companies(reading(), wanted, asked.left(), PAGE)
    shown, next_url = asked.split(found, lambda company: directory.left_at(company, sort))
    sizes = team_sizes(reading(), [company.id for company in shown])
    return render_template(
        "admin/acted.html", heading="Companies", placeholder="Company", empty="No company fits", view=asked,
        columns=COLUMNS, rows=[_row(company, sizes.get(company.id, 0)) for company in shown], next_url=next_url,
        here=asked.here(), shows=SHOWS, sorts=SORTS, ask=None, problem="",
    )


@bp.get("/admin/companies/<id:company_id>")
@allow(Permission.ADMIN_COMPANIES_READ)
def company_admin(company_id: int) -> str:
    """One company: who belongs to it, what it posted, what was done about it."""
    session = reading()
    company = by_id(session, company_id)
    into = by_id(session, company.merged_into_id) if company.merged_into_id else None
    about = audit.page(session, None, 20, audit.Asked(kind="company", subject=company.id))[:20]
    members = team(session, company.id)
    return render_template(
        "admin/company.html", company=company, row=_row(company, len(members)), members=members, into=into,
        counts=counts_of_company(session, company.id), entries=entries_of(about), here=f"/admin/companies/{company.id}",
    )


@bp.post(f"/admin/companies/<id:company_id>/<any({','.join(map(repr, sorted(ACTS)))}):company_action>")
@allow(Permission.ADMIN_COMPANIES_EDIT)
def company_act(company_id: int, company_action: str) -> Response | tuple[str, int]:
    """Do one thing to one company; answers with its row."""
    actor, now = current_actor(), clock.now()

    def work(session: Session, version: int, reason: str) -> None:
        standing.admin_act(session, standing.locked(session, company_id), company_action, version, actor, reason, now)

    return perform(ACTS[company_action], "Companies", COLUMNS, lambda: _fresh(company_id), work)


def _merge_page(
    company_id: int, into_id: int | None, status: int = 200, message: str = "", problems: Problems | None = None
) -> tuple[str, int]:
    session = reading()
    asked = view(f"/admin/companies/{company_id}/merge")
    company, into = by_id(session, company_id), by_id(session, into_id) if into_id else None
    found: list[Company] = []
    if into is None:
        words = asked.words or tuple(company.name.split()[:1])
        found = directory.companies(session, directory.Asked(words), None, CANDIDATES)[:CANDIDATES]
    both = [row for row in (company, into) if row is not None]
    return render_template(
        "admin/merge_company.html", company=company, into=into, view=asked, message=message,
        candidates=[row for row in found if row.id != company.id and row.merged_into_id is None],
        sizes=team_sizes(session, [row.id for row in both]),
        counts={row.id: sum(counts_of_company(session, row.id).values()) for row in both},
        problems=problems or Problems(),
    ), status


@bp.get("/admin/companies/<id:company_id>/merge")
@allow(Permission.ADMIN_COMPANIES_EDIT)
def company_merge_form(company_id: int) -> tuple[str, int]:
    """Choose the company this one becomes part of, then see what that means before it is done."""
    return _merge_page(company_id, whole_number(request.args.get("into", "")))


@bp.post("/admin/companies/<id:company_id>/merge")
@allow(Permission.ADMIN_COMPANIES_EDIT)
def company_merge(company_id: int) -> Response | tuple[str, int]:
    """Make this company part of another, for good."""
    into_id = whole_number(request.form.get("into", "")) or 0
    try:
        with transaction() as session:
            company, into = merging.pair(session, company_id, into_id)
            versions = (version_given(request.form), version_given({"version": request.form.get("into_version", "")}))
            merging.merge(
                session, company, into, versions, current_actor(), clock.now(),
                confirmed=request.form.get("confirmed") == "1",
            )
    except Conflict as error:
        return _merge_page(company_id, into_id, 409, error.message)
    except Invalid as error:
        return _merge_page(company_id, into_id, 422, error.message, Problems(error.fields))
    flash("The companies are one now.")
    return redirect(f"/admin/companies/{into_id}", 303)
