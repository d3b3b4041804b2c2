"""Suggestions while typing: a fragment for the boxes of home and the listing."""

from itertools import groupby

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading
from app.domain.search.filters import parse
from app.domain.search.queries import known
from app.domain.search.suggesting import Kind, suggest, suggest_places
from app.web.context import board
from app.web.htmx import is_htmx
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp

HEADINGS: dict[Kind, str] = {"title": "Jobs", "company": "Companies", "skill": "Skills", "place": "Places"}


@bp.get("/jobs/suggest")
@allow(PUBLIC)
def suggestions() -> str | Response:
    """What `q`, or `place` for the box of that name, may become; opened directly, the listing itself."""
    if not is_htmx():
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"/jobs?{query}" if query else "/jobs", 302)
    session, now = reading(), clock.now()
    asked = known(session, parse(request.args.items(multi=True), board().default_currency)).filters
    box = "place" if request.args.get("box") == "place" else "q"
    offer = suggest_places if box == "place" else suggest
    found = offer(session, request.args.get(box, ""), asked, now)
    groups = [(HEADINGS[kind], list(some)) for kind, some in groupby(found, lambda one: one.kind)]
    return render_template("site/_suggestions.html", box=box, groups=groups)
