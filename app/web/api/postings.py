"""Postings: a page of any listing, and one of them."""

from flask import Response, jsonify, request

from app.core import clock
from app.core.db import reading
from app.core.errors import Invalid
from app.domain.postings.queries import told
from app.domain.search import queries
from app.domain.search.answers import Facets
from app.web.api import acts
from app.web.api import blueprint as bp
from app.web.api.describing import described
from app.web.api.schemas.postings import Listing, Postings, WholePosting
from app.web.asked import exactly
from app.web.context import board, links, settings
from app.web.documents import posting_document, whole_document
from app.web.forms import whole_number
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow

USUAL = 20


@bp.get("/v1/postings")
@allow(PUBLIC)
@described("Postings", Postings, query=Listing)
def postings() -> Response:
    """A page of live postings, their total, and what choosing each option would give."""
    parsed, limit, now, session = exactly(), _limit(), clock.now(), reading()
    filters = parsed.filters
    with queries.steady(session):
        page = queries.search(session, filters, now, key=settings().key, limit=limit, after=parsed.after)
        currency = filters.currency or board().default_currency
        facets = queries.facets(session, filters, now, currency=currency)
    known = told(session, [card.id for card in page.cards])
    items = [posting_document(known[card.id], links(), now) for card in page.cards]
    return _tagged(jsonify(items=items, next=page.next, total=facets.total, facets=_options(facets)))


@bp.get("/v1/postings/<id:posting_id>")
@allow(PUBLIC)
@described("Postings", WholePosting, 404, 410)
def posting(posting_id: int) -> Response:
    """One posting: its company's members and admins read it in any state, everybody else while it is live (410 after
    that)."""
    now = clock.now()
    found = acts.seen_posting(reading(), posting_id, current_actor(), now)
    return _tagged(jsonify(whole_document(found, links(), now)))


def _options(facets: Facets) -> dict[str, list[dict[str, object]]]:
    return {
        argument: [{"value": one.value, "label": one.label, "count": one.count} for one in facet.options]
        for argument, facet in facets.by_argument.items()
    }


def _limit() -> int:
    text = request.args.get("limit", "").strip()
    if not text:
        return USUAL
    number = whole_number(text, digits=8) or 0
    if not 1 <= number <= queries.MOST_ON_A_PAGE:
        raise Invalid("Some arguments cannot be taken.", {"limit": f"Ask for 1 to {queries.MOST_ON_A_PAGE} at a time."})
    return number


def _tagged(answer: Response) -> Response:
    """With the tag by which its asker learns that nothing changed."""
    answer.add_etag()
    answer.make_conditional(request)
    return answer
