"""Saving searches, letting go of them, and the list of what one saved."""

from flask import redirect, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.domain.alerts.queries import searches_of
from app.domain.alerts.services import save_search, unsave_search
from app.domain.search import queries
from app.web.asked import exactly
from app.web.context import board
from app.web.htmx import is_htmx
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.site import blueprint as bp
from app.web.site.chips import in_words


@bp.get("/me/searches")
@allow(SIGNED_IN)
def searches() -> str:
    """The searches one saved, latest first."""
    return render_template("site/me_searches.html", searches=searches_of(reading(), current_actor().user_id or 0))


@bp.post("/me/searches")
@allow(SIGNED_IN)
def save_this_search() -> Response | str:
    """Save the listing that the address names, as it is understood."""
    filters, now = exactly().filters, clock.now()
    facets = queries.facets(reading(), filters, now, currency=filters.currency or board().default_currency)
    name = in_words(filters, facets) or "All jobs"
    with transaction() as session:
        save_search(session, current_actor().user_id or 0, filters, name, now)
    return render_template("site/_search_saved.html") if is_htmx() else redirect("/me/searches", 303)


@bp.post("/me/searches/<id:search_id>/remove")
@allow(SIGNED_IN)
def remove_search(search_id: int) -> Response:
    """Let go of a search."""
    with transaction() as session:
        unsave_search(session, current_actor().user_id or 0, search_id)
    return redirect("/me/searches", 303)
