"""The public site: home, listing, posting, company, applying, signing in, /me."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)

from app.web.site import home  # noqa: E402, F401  routes register themselves
