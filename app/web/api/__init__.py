"""The REST interface: the same rules as the pages, for machines. Described at /api/openapi.json, tried at /api/docs."""

from flask import Blueprint

from app.web.security import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(blueprint)  # it answers to bearer tokens alone, and no browser sends these by itself

from app.web.api import (  # noqa: F401  routes register themselves
    applications,
    auth,
    categories,
    companies,
    describing,
    limits,
    postings,
    tokens,
    webhooks,
    writing,
)
