"""Who works at the company."""

from flask import render_template

from app.core.db import reading
from app.domain.companies.policies import Permission
from app.domain.companies.queries import team as team_of
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.policy import allow

READ = Permission.COMPANIES_TEAM_READ
MAY = {
    "owner": "Everything, and the company's page", "recruiter": "Postings and applicants",
    "reviewer": "Reads applicants",
}


@bp.get("/employer/team")
@allow(READ)
def team() -> str:
    """The living members."""
    here = chosen(READ)
    return render_template("desk/team.html", here=here, members=team_of(reading(), here.company_id), may=MAY)
