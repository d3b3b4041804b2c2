"""Webhooks as their receivers get them: `send(app)` sends all that is due, to a real peer on this machine."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.settings import Settings
from app.domain.webhooks import services
from app.domain.webhooks.models import Delivery, Event, Webhook
from app.domain.webhooks.signing import secret
from app.worker import Shift, send_webhooks
from tests.factories import Board
from tests.peer import LOOPBACK, Asked, Peer

PATIENT, HASTY = 10.0, 0.3


def settings(app: Flask, **changes: Any) -> Settings:
    """The settings with this machine within reach."""
    found: Settings = app.extensions["nexus-settings"]
    return found.model_copy(update={"outbound_allow": "127.0.0.0/8"} | changes)


def send(app: Flask, now: datetime | None = None, *, seconds: float = PATIENT, **changes: Any) -> Counter[str]:
    """Send all events due at `now` (default: now)."""
    at = now or clock.now()
    with app.app_context():
        return send_webhooks(Shift(settings(app, **changes), now=lambda: at), seconds)


def owner_of(board: Board, company: SimpleNamespace, email: str = "owner@example.org") -> Actor:
    """An owner of the company, made if new, as they act."""
    member = board.member(company.id, email, "owner")
    belonging = Belonging(company.id, company.slug, company.name, "owner")
    return Actor(user_id=member.user_id, email=email, memberships=(belonging,), how="session")


def hooked(board: Board, url: str, actor: Actor, *events: str) -> SimpleNamespace:
    """A webhook of the actor's company, told of these events or of all; with its secret."""
    with board.writing() as session:
        company_id = actor.memberships[0].company_id
        hook = services.create_webhook(session, company_id, url, events or list(Event), LOOPBACK, actor, clock.now())
        key = board.app.extensions["nexus-settings"].key
        return SimpleNamespace(id=hook.id, url=url, secret=secret(key, hook), actor=actor)


def owed(board: Board, webhook_id: int, number: int, posting_id: int | None = None, now: datetime | None = None) -> int:
    """An event that waits, numbered so that its receiver can tell."""
    at = now or clock.now()
    with board.writing() as session:
        row = Delivery(
            webhook_id=webhook_id, event_id=f"evt_{number}", event="posting.changed", posting_id=posting_id,
            facts={"number": number}, created_at=at, due_at=at,
        )
        session.add(row)
        session.flush()
        return row.id


def rows(board: Board) -> list[Delivery]:
    """Every delivery, oldest first."""
    with board.reading() as session:
        found = list(session.scalars(select(Delivery).order_by(Delivery.id)))
        session.expunge_all()
        return found


def hook_row(board: Board, webhook_id: int) -> Webhook:
    with board.reading() as session:
        found = session.get_one(Webhook, webhook_id)
        session.expunge_all()
        return found


def told(asked: Asked) -> dict[str, Any]:
    """What a request says."""
    found: dict[str, Any] = json.loads(asked.body)
    return found


def ids(peer: Peer) -> list[str]:
    """The events that arrived, by their ids."""
    return [str(asked.headers["webhook-id"]) for asked in peer.asked]


def verified(asked: Asked, whsec: str, now: datetime) -> bool:
    """Whether the request is signed by this secret: written from the standard, with nothing of ours."""
    sent = int(asked.headers["webhook-timestamp"])
    if abs(now.timestamp() - sent) > timedelta(minutes=5).total_seconds():
        return False
    key = base64.b64decode(whsec.removeprefix("whsec_"), validate=True)
    content = f"{asked.headers['webhook-id']}.{sent}.{asked.body.decode()}"
    right = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(signature, right)
        for version, _, signature in (one.partition(",") for one in asked.headers["webhook-signature"].split())
        if version == "v1"
    )
