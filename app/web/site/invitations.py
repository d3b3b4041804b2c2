"""The link in an invitation: it asks, and answers for whom it was meant."""

from flask import flash, make_response, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.domain.accounts.identity import same_mailbox
from app.domain.companies.mails import MAY
from app.domain.companies.queries import invitation_by_token
from app.domain.companies.services.invitations import accept
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import PUBLIC, SIGNED_IN, allow
from app.web.site import blueprint as bp


@bp.get("/invitations/<token>")
@allow(PUBLIC)
def invitation(token: str) -> Response:
    """What is offered, and the way to accept it; nothing is changed by looking."""
    actor = current_actor()
    asked = invitation_by_token(reading(), token, clock.now())
    mine = actor.is_authenticated and same_mailbox(actor.email, asked.email)
    if asked.accepted_at is not None and mine:
        return _to_desk(asked.company.slug)
    page = render_template(
        "site/invitation.html", invitation=asked, company=asked.company, asker=asked.invited_by, mine=mine,
        may=MAY[asked.role], path=f"/invitations/{token}",
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


@bp.post("/invitations/<token>")
@allow(SIGNED_IN)
def invitation_accept(token: str) -> Response:
    """Join."""
    with transaction() as session:
        accepted = accept(session, token, current_actor(), clock.now())
        slug, name = accepted.company.slug, accepted.company.name
    flash(f"Welcome to {name}.")
    return _to_desk(slug)


def _to_desk(slug: str) -> Response:
    return go(f"/employer?company={slug}")
