"""The employer's desk: /employer."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

from app.web.desk import (  # noqa: F401  routes register themselves
    applicants,
    company,
    editor,
    home,
    postings,
    team,
)
