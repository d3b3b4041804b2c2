"""Reading webhooks and what was sent to them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import NotFound
from app.domain.companies.policies import Permission, can, require
from app.domain.webhooks.models import Delivery, DeliveryStatus, Webhook

EDIT = Permission.WEBHOOKS_WEBHOOK_EDIT
MOST = 20
"""Webhooks of a company."""


def of_company(session: Session, company_id: int) -> list[Webhook]:
    """A company's webhooks, oldest first; they are few."""
    query = select(Webhook).options(joinedload(Webhook.company)).where(Webhook.company_id == company_id)
    return list(session.scalars(query.order_by(Webhook.id).limit(100)))


def of_actor(session: Session, actor: Actor) -> list[Webhook]:
    """The webhooks of every company where the actor may have some."""
    companies = [one.company_id for one in actor.memberships if can(actor, EDIT, one.company_id)]
    query = select(Webhook).options(joinedload(Webhook.company)).where(Webhook.company_id.in_(companies))
    return list(session.scalars(query.order_by(Webhook.id).limit(1_000)))


def for_member(session: Session, webhook_id: int, actor: Actor, *, lock: bool = False) -> Webhook:
    """A webhook of a company the actor belongs to. Raises NotFound to strangers, Forbidden without the right."""
    if lock:
        lock_rows(session, select(Webhook.id).where(Webhook.id == webhook_id))
    found = session.scalar(select(Webhook).options(joinedload(Webhook.company)).where(Webhook.id == webhook_id))
    if found is None:
        raise NotFound
    require(actor, EDIT, found.company_id)
    return found


def delivery_of(session: Session, webhook: Webhook, delivery_id: int, *, lock: bool = False) -> Delivery:
    """One delivery of this webhook. Raises NotFound."""
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.webhook_id == webhook.id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def deliveries(session: Session, webhook_id: int, before_id: int | None, limit: int) -> list[Delivery]:
    """What was owed to a webhook, newest first, at most `limit` + 1, behind the id `before_id`."""
    query = select(Delivery).where(Delivery.webhook_id == webhook_id).order_by(Delivery.id.desc()).limit(limit + 1)
    return list(session.scalars(query if before_id is None else query.where(Delivery.id < before_id)))


def waiting(session: Session, webhook_ids: list[int]) -> dict[int, int]:
    """How many events wait for each of these webhooks, where any do."""
    rows = session.execute(
        select(Delivery.webhook_id, func.count())
        .where(Delivery.webhook_id.in_(webhook_ids), Delivery.status == DeliveryStatus.WAITING)
        .group_by(Delivery.webhook_id)
    )
    return dict(rows.all())
