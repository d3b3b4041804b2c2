"""Webhooks of one's company: made, changed, and what was sent to them."""

from typing import Any

from flask import Response, jsonify

from app.core import clock
from app.core.db import reading, transaction
from app.domain.webhooks import queries, services
from app.domain.webhooks.models import Delivery, DeliveryStatus, Webhook
from app.domain.webhooks.queries import EDIT
from app.domain.webhooks.signing import secret
from app.web.api import blueprint as bp
from app.web.api.acts import company_for
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.repeats import Repeatable, once
from app.web.api.schemas.shapes import After, Conditional
from app.web.api.schemas.webhooks import ChangedWebhook, Deliveries, NewWebhook, Rotated, Webhooks, WebhookSecret
from app.web.api.schemas.webhooks import Delivery as DeliveryDocument
from app.web.api.schemas.webhooks import Webhook as Document
from app.web.api.versions import version_of
from app.web.context import links, settings
from app.web.documents import at
from app.web.paging import left_at, page
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.security import limited

PAGE = 50


@bp.get("/v1/webhooks")
@allow(EDIT)
@described("Webhooks", Webhooks, 403)
def webhooks() -> Response:
    """The webhooks of every company where one may have some, without their secrets."""
    return jsonify(items=[_told(one) for one in queries.of_actor(reading(), current_actor())])


@bp.post("/v1/webhooks")
@allow(EDIT)
@described("Webhooks", WebhookSecret, 403, 404, 409, takes=NewWebhook, headers=Repeatable, status=201)
def make_webhook() -> tuple[Response, int]:
    """A new webhook. Its secret is told here alone: sent again under the same `Idempotency-Key`, it is the one made
    before with its secret, as it is now (404 where it was removed)."""
    given, actor = body(NewWebhook), current_actor()

    def make() -> int:
        here = company_for(given.company, actor, EDIT, "You may not have webhooks at that company.")
        made = services.create_webhook(
            session, here.company_id, given.url, given.events, settings().may_reach, actor, clock.now()
        )
        return made.id

    with transaction() as session:
        webhook_id, _ = once(session, given, make)
        answer = _with_secret(queries.for_member(session, webhook_id, actor))
        answer.headers["Location"] = links().url(f"/api/v1/webhooks/{webhook_id}")
    return answer, 201


@bp.get("/v1/webhooks/<id:webhook_id>")
@allow(SIGNED_IN)
@described("Webhooks", Document, 403, 404)
def webhook(webhook_id: int) -> Response:
    """One webhook, without its secret."""
    return _tagged(queries.for_member(reading(), webhook_id, current_actor()))


@bp.patch("/v1/webhooks/<id:webhook_id>")
@allow(SIGNED_IN)
@described("Webhooks", Document, 403, 404, 409, 412, takes=ChangedWebhook, headers=Conditional)
def change_webhook(webhook_id: int) -> Response:
    """Another address, other events, on or off. What waits goes to the new address."""
    given, actor = body(ChangedWebhook), current_actor()
    with transaction() as session:
        hook = queries.for_member(session, webhook_id, actor, lock=True)
        changed = services.change_webhook(
            session, hook, _version(given.version, hook), settings().may_reach, actor, clock.now(), url=given.url,
            events=given.events, active=given.active,
        )
        return _tagged(changed)


@bp.delete("/v1/webhooks/<id:webhook_id>")
@allow(SIGNED_IN)
@described("Webhooks", None, 403, 404, 409, 412, headers=Conditional)
def delete_webhook(webhook_id: int) -> tuple[str, int]:
    """Take a webhook away, with its log and whatever waits."""
    actor = current_actor()
    with transaction() as session:
        hook = queries.for_member(session, webhook_id, actor, lock=True)
        _version(hook.version, hook)
        services.remove(session, hook, actor, clock.now())
    return "", 204


@bp.post("/v1/webhooks/<id:webhook_id>/rotate")
@allow(SIGNED_IN)
@described("Webhooks", WebhookSecret, 403, 404, 409, 412, takes=Rotated, headers=Conditional)
def rotate_webhook(webhook_id: int) -> Response:
    """Another secret, told this once. For a day the one before signs as well."""
    given, actor = body(Rotated), current_actor()
    with transaction() as session:
        hook = queries.for_member(session, webhook_id, actor, lock=True)
        return _with_secret(services.rotate(session, hook, _version(given.version, hook), actor, clock.now()))


@bp.post("/v1/webhooks/<id:webhook_id>/test")
@allow(SIGNED_IN)
@limited("60 per hour")
@described("Webhooks", DeliveryDocument, 403, 404, status=202)
def test_webhook(webhook_id: int) -> tuple[Response, int]:
    """Send a test event."""
    with transaction() as session:
        hook = queries.for_member(session, webhook_id, current_actor(), lock=True)
        return jsonify(_delivery(services.send_test(session, hook, clock.now()))), 202


@bp.get("/v1/webhooks/<id:webhook_id>/deliveries")
@allow(SIGNED_IN)
@described("Webhooks", Deliveries, 403, 404, query=After)
def webhook_deliveries(webhook_id: int) -> Response:
    """What was owed to a webhook in the last 30 days, newest first."""
    queries.for_member(reading(), webhook_id, current_actor())
    purpose = f"deliveries {webhook_id}"
    left = left_at(purpose)
    found = queries.deliveries(reading(), webhook_id, left[0] if left else None, PAGE)
    shown, following = page(found, PAGE, purpose, lambda one: [one.id])
    return jsonify(items=[_delivery(one) for one in shown], next=following)


@bp.post("/v1/webhooks/<id:webhook_id>/deliveries/<id:delivery_id>/replay")
@allow(SIGNED_IN)
@limited("600 per hour")
@described("Webhooks", DeliveryDocument, 403, 404, 409, status=202)
def replay_delivery(webhook_id: int, delivery_id: int) -> tuple[Response, int]:
    """Send an event once more, under its id."""
    actor = current_actor()
    with transaction() as session:
        hook = queries.for_member(session, webhook_id, actor, lock=True)
        delivery = queries.delivery_of(session, hook, delivery_id, lock=True)
        return jsonify(_delivery(services.replay(session, hook, delivery, actor, clock.now()))), 202


def _version(named: int | None, hook: Webhook) -> int:
    return version_of(named, hook.version, lambda: _etag(hook))


def _tagged(hook: Webhook) -> Response:
    answer = jsonify(_told(hook))
    answer.set_etag(_etag(hook))
    return answer


def _etag(hook: Webhook) -> str:
    return f"webhook-{hook.id}-{hook.version}"


def _with_secret(hook: Webhook) -> Response:
    answer = jsonify(_told(hook) | {"secret": secret(settings().key, hook)})
    answer.set_etag(_etag(hook))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(hook: Webhook) -> dict[str, Any]:
    return {
        "id": hook.id, "company": hook.company.slug, "url": hook.url, "events": hook.wanted, "active": hook.is_on,
        "state": hook.state, "failing_since": at(hook.failing_since), "disabled_at": at(hook.disabled_at),
        "disabled_why": hook.disabled_why, "created_at": at(hook.created_at), "version": hook.version,
    }  # fmt: skip


def _delivery(one: Delivery) -> dict[str, Any]:
    waits = one.status is DeliveryStatus.WAITING
    return {
        "id": one.id, "event_id": one.event_id, "event": one.event, "posting_id": one.posting_id,
        "status": one.status, "created_at": at(one.created_at), "attempts": one.attempts, "sent_at": at(one.sent_at),
        "due_at": at(one.due_at) if waits else None, "answer_status": one.answer_status,
        "answer_text": one.answer_text, "took_ms": one.took_ms,
    }  # fmt: skip
