"""The admin's room: /admin."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from app.web.admin import (  # noqa: F401  routes register themselves
    board,
    categories,
    companies,
    flagged,
    home,
    imports,
    log,
    mail,
    postings,
    reports,
    reviews,
    users,
)
