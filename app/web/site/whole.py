"""The listing's page, for whoever asks for a part of it."""

from flask import redirect, request
from werkzeug.wrappers import Response

LONG = {"country": "countries", "place": "places", "company": "companies"}
"""Facets of which the commonest options are shown, and more when they are asked for; and what those are called."""


def shown() -> str | None:
    """The facet whose long tail this request wants to see."""
    wanted = request.args.get("more", "")
    return wanted if wanted in LONG else None


def whole_page() -> Response:
    """For who opens a fragment of the listing directly: the page it belongs to."""
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"/jobs?{query}" if query else "/jobs", 302)
