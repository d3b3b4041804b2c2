"""The desk's first page: what waits on the employer."""

from flask import render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.domain.applications.attention import ending, longest_waiting, unanswered
from app.domain.applications.waiting import new_by_posting
from app.domain.companies.first_steps import Step, dismiss, first_steps
from app.domain.companies.policies import Permission, can
from app.domain.companies.queries import by_id
from app.domain.postings.models import PostingStatus
from app.domain.postings.queries import counts_of_company, of_company
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import allow

SHOWN = 10
READ, EDIT = Permission.POSTINGS_POSTING_READ, Permission.POSTINGS_POSTING_EDIT
STEPS = {
    Step.PAGE: ("Say who you are", "Applicants read it under every job.", "/employer/company"),
    Step.LOGO: ("Add your logo", "It stands on your page and beside your jobs elsewhere.", "/employer/company"),
    Step.POSTING: ("Post the first job", "Three short steps; drafts keep themselves.", "/employer/postings/new"),
    Step.COLLEAGUE: ("Invite a colleague", "Two people on one board never overwrite each other.", "/employer/team"),
}


@bp.get("/employer")
@allow(READ)
def home() -> str:
    """Who waits, what was sent back, what ends soon, and the first steps of a new company."""
    here, session, now = chosen(READ), reading(), clock.now()
    id_, counts = here.company_id, counts_of_company(session, here.company_id)
    may_edit, company = can(current_actor(), EDIT, id_), by_id(session, id_)
    steps = first_steps(session, company, bool(counts)) if may_edit else []
    return render_template(
        "desk/home.html", here=here, suspended=company.suspended_at, counts=counts,
        fresh=new_by_posting(session, id_, SHOWN),
        sent_back=of_company(session, id_, None, SHOWN, PostingStatus.CHANGES_REQUESTED)[:SHOWN],
        longest=longest_waiting(session, id_, 5), over=unanswered(session, id_, now, SHOWN),
        ending=ending(session, id_, now, SHOWN), steps=[(step.value, *STEPS[step]) for step in steps],
    )


@bp.post("/employer/first-steps")
@allow(EDIT)
def dismiss_step() -> Response:
    """Put a hint away."""
    here = chosen(EDIT)
    with transaction() as session:
        dismiss(session, here.company_id, request.form.get("item", ""))
    return go(f"/employer?company={here.company_slug}")
