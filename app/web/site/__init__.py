"""The public site: home, listing, posting, company, applying, signing in, /me."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)

from app.web.site import (  # noqa: F401  routes register themselves
    accounts,
    applying,
    companies,
    files,
    guest,
    health,
    home,
    invitations,
    legal,
    listing,
    mailed_links,
    me,
    me_notifications,
    me_second_factor,
    me_security,
    me_tokens,
    posting,
    reports,
    saved,
    searches,
    suggesting,
)
