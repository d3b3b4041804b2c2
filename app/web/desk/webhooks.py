"""Where the company's events are sent: the webhooks, one of them with its log, and its secret, shown once."""

from collections.abc import Callable

from flask import Response, flash, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from app.core import clock
from app.core.actor import Belonging
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.webhooks import queries, services, signing
from app.domain.webhooks.models import Event, Webhook
from app.domain.webhooks.queries import EDIT
from app.web.context import settings
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.paging import cut, left_at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.security import limited

PAGE = 30
WORDS = {
    Event.POSTING_PUBLISHED: "A job goes on the board", Event.POSTING_CHANGED: "A job changes",
    Event.POSTING_PAUSED: "A job is taken off for a while", Event.POSTING_EXPIRED: "A job’s time is over",
    Event.POSTING_CLOSED: "A job is filled, closed or removed", Event.APPLICATION_SUBMITTED: "Somebody applies",
    Event.APPLICATION_MOVED: "An applicant moves to another stage",
    Event.APPLICATION_WITHDRAWN: "An applicant withdraws",
}  # fmt: skip
"""What each event is, for people; a test holds that none is missing."""
STATES = {"active": ("On", "ok"), "failing": ("Failing", "warn"), "paused": ("Paused", ""), "disabled": ("Off", "bad")}
RESULTS = {
    "waiting": ("Waiting", "warn"), "delivered": ("Arrived", "ok"), "failed": ("Given up", "bad"),
    "cancelled": ("Replaced", ""),
}  # fmt: skip
"""How webhooks and deliveries stand: words and colours."""


@bp.get("/employer/webhooks")
@allow(EDIT)
def webhooks() -> tuple[str, int]:
    """The company's webhooks, and the form for another."""
    return _list(chosen(EDIT), 200)


@bp.post("/employer/webhooks")
@allow(EDIT)
@limited("60 per hour")
def add_webhook() -> Response | tuple[str, int]:
    """Add one; its secret is shown this once."""
    here, form = chosen(EDIT), request.form
    try:
        with transaction() as session:
            hook = services.create_webhook(
                session, here.company_id, form.get("url", ""), form.getlist("events"), settings().may_reach,
                current_actor(), clock.now(),
            )
            return _secret(hook, here, "The webhook is added")
    except Invalid as error:
        return _list(here, 422, error)


@bp.get("/employer/webhooks/<id:webhook_id>")
@allow(SIGNED_IN)
def webhook(webhook_id: int) -> tuple[str, int]:
    """One webhook: how it stands, what was sent, and changing it."""
    return _one(webhook_id, 200)


@bp.post("/employer/webhooks/<id:webhook_id>")
@allow(SIGNED_IN)
def change_webhook(webhook_id: int) -> Answer | tuple[str, int]:
    """Another address, or other events."""
    form = request.form

    def act(session: Session, hook: Webhook) -> str:
        services.change_webhook(
            session, hook, version_given(form), settings().may_reach, current_actor(), clock.now(),
            url=form.get("url", ""), events=form.getlist("events"),
        )
        return "Saved."

    return _do(webhook_id, act)


@bp.post("/employer/webhooks/<id:webhook_id>/turn")
@allow(SIGNED_IN)
def turn_webhook(webhook_id: int) -> Answer | tuple[str, int]:
    """Turn it off, or on again."""
    form = request.form
    on = form.get("on") == "1"

    def act(session: Session, hook: Webhook) -> str:
        services.change_webhook(
            session, hook, version_given(form), settings().may_reach, current_actor(), clock.now(), active=on
        )
        return "It is on. What waited is sent now." if on else "It is paused. What happens from now on waits."

    return _do(webhook_id, act)


@bp.post("/employer/webhooks/<id:webhook_id>/rotate")
@allow(SIGNED_IN)
def rotate_webhook(webhook_id: int) -> Response | tuple[str, int]:
    """Another secret, shown this once."""
    try:
        with transaction() as session:
            hook = queries.for_member(session, webhook_id, current_actor(), lock=True)
            services.rotate(session, hook, version_given(request.form), current_actor(), clock.now())
            return _secret(hook, _belonging(hook), "The secret is changed")
    except Conflict as error:
        return _one(webhook_id, 409, stale=error.message)
    except Invalid as error:
        return _one(webhook_id, 422, problem=error)


@bp.post("/employer/webhooks/<id:webhook_id>/test")
@allow(SIGNED_IN)
@limited("60 per hour")
def test_webhook(webhook_id: int) -> Answer | tuple[str, int]:
    """Send a test event."""

    def act(session: Session, hook: Webhook) -> str:
        services.send_test(session, hook, clock.now())
        return "A test event is on its way. Reload the page in a moment to see what came of it."

    return _do(webhook_id, act)


@bp.post("/employer/webhooks/<id:webhook_id>/replay")
@allow(SIGNED_IN)
@limited("60 per hour")
def replay_failed(webhook_id: int) -> Answer | tuple[str, int]:
    """Send everything once more that was given up."""

    def act(session: Session, hook: Webhook) -> str:
        again = services.replay_failed(session, hook, current_actor(), clock.now())
        return f"{again} {'event is' if again == 1 else 'events are'} sent again, in order."

    return _do(webhook_id, act)


@bp.post("/employer/webhooks/<id:webhook_id>/deliveries/<id:delivery_id>/replay")
@allow(SIGNED_IN)
@limited("600 per hour")
def replay_delivery(webhook_id: int, delivery_id: int) -> Answer | tuple[str, int]:
    """Send one event once more."""

    def act(session: Session, hook: Webhook) -> str:
        delivery = queries.delivery_of(session, hook, delivery_id, lock=True)
        services.replay(session, hook, delivery, current_actor(), clock.now())
        return "The event is sent again, under its id."

    return _do(webhook_id, act)


@bp.post("/employer/webhooks/<id:webhook_id>/remove")
@allow(SIGNED_IN)
def remove_webhook(webhook_id: int) -> Answer | tuple[str, int]:
    """Take it away for good."""
    try:
        with transaction() as session:
            hook = queries.for_member(session, webhook_id, current_actor(), lock=True)
            here = _belonging(hook)
            if "sure" not in request.form:
                raise Invalid("Tick that you are sure: its log and what waits go with it.", {"sure": "Tick this."})
            services.remove(session, hook, current_actor(), clock.now())
    except Invalid as error:
        return _one(webhook_id, 422, problem=error)
    flash("The webhook is removed. Nothing is sent there any more.")
    return go(f"/employer/webhooks?company={here.company_slug}")


def _do(webhook_id: int, act: Callable[[Session, Webhook], str]) -> Answer | tuple[str, int]:
    """One act on one webhook; what is stale or refused is told on its page as it is now."""
    try:
        with transaction() as session:
            hook = queries.for_member(session, webhook_id, current_actor(), lock=True)
            told = act(session, hook)
    except Conflict as error:
        return _one(webhook_id, 409, stale=error.message)
    except Invalid as error:
        return _one(webhook_id, 422, problem=error)
    flash(told)
    return go(f"/employer/webhooks/{webhook_id}")


def _belonging(hook: Webhook) -> Belonging:
    """The membership by which the actor sees it: `for_member` found that there is one."""
    return next(one for one in current_actor().memberships if one.company_id == hook.company_id)


def _list(here: Belonging, status: int, problem: Invalid | None = None) -> tuple[str, int]:
    session, form = reading(), request.form
    found = queries.of_company(session, here.company_id)
    page = render_template(
        "desk/webhooks.html", here=here, hooks=found, waiting=queries.waiting(session, [one.id for one in found]),
        states=STATES, words=WORDS, most=queries.MOST, problems=Problems(problem.fields) if problem else Problems(),
        url=form.get("url", ""), events=form.getlist("events") if problem else list(Event),
    )
    return page, status


def _one(webhook_id: int, status: int, *, problem: Invalid | None = None, stale: str = "") -> tuple[str, int]:
    session, form = reading(), request.form
    hook = queries.for_member(session, webhook_id, current_actor())
    purpose = f"deliveries {webhook_id}"
    left = left_at(purpose)
    found = queries.deliveries(session, webhook_id, left[0] if left else None, PAGE)
    shown, next_url = cut(found, PAGE, purpose, lambda one: [one.id])
    mine = problem is not None and "url" in form
    page = render_template(
        "desk/webhook.html", here=_belonging(hook), hook=hook, deliveries=shown, next_url=next_url,
        first_url=f"/employer/webhooks/{webhook_id}" if left else "",
        waiting=queries.waiting(session, [hook.id]).get(hook.id, 0),
        states=STATES, results=RESULTS, words=WORDS, stale=stale, now=clock.now(),
        problems=Problems(problem.fields) if problem else Problems(), message=problem.message if problem else "",
        url=form.get("url", "") if mine else hook.url, events=form.getlist("events") if mine else hook.wanted,
    )
    return page, status


def _secret(hook: Webhook, here: Belonging, heading: str) -> Response:
    """The one page that shows a secret; nobody keeps it."""
    answer = make_response(
        render_template(
            "desk/webhook_secret.html", here=here, hook=hook, heading=heading,
            secret=signing.secret(settings().key, hook), both_until=hook.former_until,
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
