"""The employer's desk: /employer."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

from app.web.desk import (  # noqa: F401  routes register themselves
    applicants,
    applicants_moving,
    applicants_one,
    applicants_stages,
    company,
    editor,
    home,
    postings,
    statistics,
    team,
    webhooks,
)
