"""The seeker's own pages: what waits for them, what they applied to, how it stands, and taking it back."""

from datetime import timedelta

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict
from app.domain.alerts.queries import closing_soon, saved_number
from app.domain.applications.guests import for_word, own_waiting
from app.domain.applications.models import Application, Stage
from app.domain.applications.own import Which, own_at, own_counts, own_page
from app.domain.applications.queries import for_applicant
from app.domain.applications.services import accept, dismiss, withdraw
from app.domain.applications.transitions import OPEN
from app.web.forms import version_given, way_back
from app.web.htmx import go
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.site import blueprint as bp
from app.web.site.status import Shown, Waiting, differs, forget, shown

PAGE, FEW = 20, 6
SOON = timedelta(days=7)
CLOSED = tuple(stage for stage in Stage if stage not in OPEN)


@bp.get("/me")
@allow(SIGNED_IN)
def me() -> str:
    """One's own home: from saved to closed, what waits for oneself, and what the employers did last."""
    session, actor, now = reading(), current_actor(), clock.now()
    user_id = actor.user_id or 0
    counts = own_counts(session, user_id, now)
    return render_template(
        "site/me.html", counts=counts, saved=saved_number(session, user_id),
        closed=sum(counts[stage] for stage in CLOSED), waiting=_waiting(),
        offers=_mine(own_at(session, user_id, (Stage.OFFER,), FEW, now)),
        going=_mine(own_at(session, user_id, OPEN[:-1], FEW, now)),
        ended=_mine(own_at(session, user_id, CLOSED, FEW // 2, now)),
        closing=closing_soon(session, user_id, now, now + SOON, FEW),
    )


def _mine(rows: list[Application]) -> list[Shown]:
    return [shown(row, f"/me/applications/{row.id}", clock.now()) for row in rows]


@bp.get("/me/applications")
@allow(SIGNED_IN)
def my_applications() -> str:
    """Everything one applied to, newest first, all or only what is open or closed."""
    user_id, asked = current_actor().user_id or 0, request.args.get("show", "")
    which = Which(asked) if asked in list(Which) else None
    purpose = f"my-applications:{user_id}:{which or 'all'}"
    left = left_at(purpose)
    found = own_page(reading(), user_id, which, left[0] if left else None, PAGE, clock.now())
    rows, next_url = cut(found, PAGE, purpose, lambda row: [row.id])
    return render_template(
        "site/me_applications.html", rows=_mine(rows),
        next_url=next_url, paged=bool(left), which=which, waiting=[] if left else _waiting(),
    )


def _waiting() -> list[Waiting]:
    """What was sent again and waits for a word; compared only where this account may read both."""
    actor, now = current_actor(), clock.now()
    return [
        differs(proposal, proposal.application, f"/me/proposals/{proposal.id}", now) if may
        else Waiting(proposal, (), "", acceptable=False)
        for proposal, may in own_waiting(reading(), actor, PAGE)
    ]


@bp.get("/me/applications/<id:application_id>")
@allow(SIGNED_IN)
def my_application(application_id: int) -> str:
    """One application: its history, what was sent, and the posting as it was."""
    application = for_applicant(reading(), application_id, current_actor())
    waiting = [one for one in _waiting() if one.proposal.application_id == application_id and one.path]
    page = shown(application, f"/me/applications/{application_id}", clock.now())
    return render_template("site/me_application.html", shown=page, waiting=waiting)


@bp.post("/me/applications/<id:application_id>/withdraw")
@allow(SIGNED_IN)
def withdraw_application(application_id: int) -> Response:
    """Take an open application back."""
    return _end(application_id, Stage.WITHDRAWN, "Your application is withdrawn.")


@bp.post("/me/applications/<id:application_id>/decline")
@allow(SIGNED_IN)
def decline_offer(application_id: int) -> Response:
    """Decline an offer."""
    return _end(application_id, Stage.DECLINED, "You declined the offer.")


def _end(application_id: int, to: Stage, said: str) -> Response:
    version = version_given(request.form) if request.form.get("version") else None
    with transaction() as session:
        application = for_applicant(session, application_id, current_actor(), lock=True)
        try:
            withdraw(session, application, current_actor(), version, clock.now(), to=to)
        except Conflict:
            raise Conflict("The employer moved your application just now. Look at it again first.") from None
    flash(said)
    return go(f"/me/applications/{application_id}")


@bp.post("/me/proposals/<id:proposal_id>/<any('accept', 'dismiss'):word>")
@allow(SIGNED_IN)
def my_word(proposal_id: int, word: str) -> Response:
    """Take up what was sent later, or let it go."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        proposal = for_word(session, proposal_id, actor)
        decide = accept if word == "accept" else dismiss
        unused = decide(session, proposal.application, proposal, actor, now)
    forget(unused)
    flash(SAID[word])
    return go(way_back("/me/applications"))


SAID = {"accept": "Your newer application counts now.", "dismiss": "It is gone. Your first application counts."}
