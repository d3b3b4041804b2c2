"""The desk's first page: what waits on the employer."""

from flask import render_template

from app.core.db import reading
from app.domain.applications.waiting import new_by_posting
from app.domain.companies.policies import Permission
from app.domain.postings.models import PostingStatus
from app.domain.postings.queries import counts_of_company, of_company
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.policy import allow

SHOWN = 10


@bp.get("/employer")
@allow(Permission.POSTINGS_POSTING_READ)
def home() -> str:
    """New applicants, postings sent back, and how many wait elsewhere."""
    here, session = chosen(Permission.POSTINGS_POSTING_READ), reading()
    counts = counts_of_company(session, here.company_id)
    sent_back = of_company(session, here.company_id, None, SHOWN, PostingStatus.CHANGES_REQUESTED)[:SHOWN]
    fresh = new_by_posting(session, here.company_id, SHOWN)
    return render_template("desk/home.html", here=here, counts=counts, sent_back=sent_back, fresh=fresh)
