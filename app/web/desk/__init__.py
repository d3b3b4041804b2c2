"""The employer's desk: /employer."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

from app.web.desk import applicants as applicants
from app.web.desk import home  # noqa: F401  routes register themselves
