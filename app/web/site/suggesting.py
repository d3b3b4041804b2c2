"""Suggestions while typing: a fragment for the boxes of home and the listing."""

from itertools import groupby

from flask import render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading
from app.domain.search.suggesting import Kind, suggest, suggest_places
from app.web.asked import asked
from app.web.htmx import is_htmx
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp
from app.web.site.whole import whole_page

HEADINGS: dict[Kind, str] = {"title": "Jobs", "company": "Companies", "skill": "Skills", "place": "Places"}


@bp.get("/jobs/suggest")
@allow(PUBLIC)
def suggestions() -> str | Response:
    """What `q`, or `place` for the box of that name, may become; opened directly, the listing itself."""
    if not is_htmx():
        return whole_page()
    session, now = reading(), clock.now()
    box = "place" if request.args.get("box") == "place" else "q"
    offer = suggest_places if box == "place" else suggest
    found = offer(session, request.args.get(box, ""), asked().filters, now)
    groups = [(HEADINGS[kind], list(some)) for kind, some in groupby(found, lambda one: one.kind)]
    return render_template("site/_suggestions.html", box=box, groups=groups)
