"""Companies, each with the number of its live postings."""

from flask import Response, jsonify

from app.core import clock
from app.core.db import reading
from app.domain.companies.queries import directory
from app.domain.postings.queries import live_counts
from app.web.api import blueprint as bp
from app.web.api.describing import described
from app.web.api.schemas.names import Companies
from app.web.api.schemas.shapes import After
from app.web.context import links
from app.web.documents import company_document
from app.web.paging import left_at, page
from app.web.policy import PUBLIC, allow

PAGE = 100


@bp.get("/v1/companies")
@allow(PUBLIC)
@described("Names", Companies, query=After)
def companies() -> Response:
    """All companies by name."""
    session, left = reading(), left_at("companies")
    found = directory(session, left[0] if left else None, PAGE)
    shown, following = page(found, PAGE, "companies", lambda company: [company.slug])
    counts = live_counts(session, [company.id for company in shown], clock.now())
    items = [company_document(one, links()) | {"count": counts.get(one.id, 0)} for one in shown]
    return jsonify(items=items, next=following)
