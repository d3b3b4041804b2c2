"""The admin's room: /admin."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from app.web.admin import board, home, lists, mail, postings, reports, reviews  # noqa: F401  routes register themselves
