"""At which company the desk works: `?company=<slug>`, or the oldest membership."""

from flask import request

from app.core.actor import Belonging
from app.core.errors import NotFound
from app.domain.companies.policies import Permission, require
from app.web.people import current_actor


def chosen(permission: Permission) -> Belonging:
    """The membership the desk works by. Raises NotFound at a stranger's company, Forbidden without the right."""
    actor, slug = current_actor(), request.values.get("company", "")
    belonging = next((m for m in actor.memberships if not slug or m.company_slug == slug), None)
    if belonging is None:
        raise NotFound
    require(actor, permission, belonging.company_id)
    return belonging
