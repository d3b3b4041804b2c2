"""Webhooks made, changed, turned off and on, and what is sent again by hand."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows, wake_at
from app.core.errors import Conflict, Invalid
from app.core.networks import Networks
from app.core.outbound import Refused, check
from app.domain.audit.services import record
from app.domain.companies.models import Company
from app.domain.companies.policies import require
from app.domain.webhooks.models import TEST, Delivery, DeliveryStatus, Event, Webhook
from app.domain.webhooks.queries import EDIT, MOST, of_company
from app.domain.webhooks.signing import BOTH_FOR, new_salt


def create_webhook(
    session: Session, company_id: int, url: str, events: Collection[str], allow: Networks, actor: Actor, now: datetime
) -> Webhook:
    """A new webhook of a company; `signing.secret` tells its secret, which is to be shown once.

    `allow` names inner networks that it may lead into all the same.

    Raises NotFound to strangers of the company, Forbidden without the right, Invalid with what is wrong field by field.
    """
    require(actor, EDIT, company_id)
    lock_rows(session, select(Company.id).where(Company.id == company_id))
    known = of_company(session, company_id)
    if len(known) >= MOST:
        raise Invalid("There is no room for more.", {"url": f"{MOST} at the most. Remove one you do not need."})
    url, wanted = _checked(url, events, [one.url for one in known], allow)
    hook = Webhook(
        company_id=company_id, url=url, events=wanted, salt=new_salt(), created_by_id=actor.user_id, created_at=now
    )
    session.add(hook)
    session.flush()
    record(session, actor, "webhook.create", ("webhook", hook.id), now)
    return hook


def change_webhook(
    session: Session, hook: Webhook, version: int, allow: Networks, actor: Actor, now: datetime, *,
    url: str | None = None, events: Collection[str] | None = None, active: bool | None = None,
) -> Webhook:
    """Change where a webhook leads, what it is told, or whether; None leaves it so. `hook` is locked.

    What waits goes to the new address. Turned on again, everything that waited is sent.
    Raises Conflict (fresh: the webhook) where `version` is stale, Invalid with what is wrong field by field.
    """
    _check_version(hook, version)
    if url is not None or events is not None:
        others = [one.url for one in of_company(session, hook.company_id) if one.id != hook.id]
        hook.url, hook.events = _checked(
            hook.url if url is None else url, hook.wanted if events is None else events, others, allow
        )
        record(session, actor, "webhook.edit", ("webhook", hook.id), now)
    if active is not None and active is not hook.is_on:
        _turn(session, hook, active, now)
        record(session, actor, "webhook.on" if active else "webhook.off", ("webhook", hook.id), now)
    session.flush()
    return hook


def _turn(session: Session, hook: Webhook, on: bool, now: datetime) -> None:
    if not on:
        hook.paused_at = now
        return
    hook.paused_at = hook.disabled_at = hook.disabled_why = hook.failing_since = hook.quiet_until = None
    session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == hook.id, Delivery.status == DeliveryStatus.WAITING, _unclaimed(now))
        .values(due_at=now, attempts=0)
    )
    wake_at(session, now)


def rotate(session: Session, hook: Webhook, version: int, actor: Actor, now: datetime) -> Webhook:
    """Give a webhook another secret; for a day both sign. `hook` is locked.

    Raises Conflict (fresh: the webhook) where `version` is stale.
    """
    _check_version(hook, version)
    hook.former_salt, hook.former_until = hook.salt, now + BOTH_FOR
    hook.salt = new_salt()
    session.flush()
    record(session, actor, "webhook.rotate", ("webhook", hook.id), now)
    return hook


def remove(session: Session, hook: Webhook, actor: Actor, now: datetime) -> None:
    """Take a webhook away, with its log and whatever waits."""
    record(session, actor, "webhook.remove", ("webhook", hook.id), now)
    session.delete(hook)
    session.flush()


def send_test(session: Session, hook: Webhook, now: datetime) -> Delivery:
    """Owe a test event, in the place of one that waits still. Raises Invalid where the webhook is turned off."""
    _refuse_off(hook)
    session.execute(
        update(Delivery)
        .where(
            Delivery.webhook_id == hook.id, Delivery.event == TEST, Delivery.status == DeliveryStatus.WAITING,
            _unclaimed(now),
        )
        .values(status=DeliveryStatus.CANCELLED, answer_text="A later test took its place.")
    )
    delivery = Delivery(
        webhook_id=hook.id, event_id=f"evt_{secrets.token_hex(12)}", event=TEST, created_at=now, due_at=now,
        facts={"message": "A test, sent by hand."},
    )
    session.add(delivery)
    session.flush()
    _look_again(session, hook, now)
    return delivery


def replay(session: Session, hook: Webhook, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Send an event once more, under its id; one that waits is tried now. Both rows are locked.

    Raises Invalid where the webhook is turned off, Conflict (fresh: the delivery) where it is being sent just now.
    """
    _refuse_off(hook)
    if delivery.claimed_until is not None and delivery.claimed_until > now:
        raise Conflict("This event is being sent just now. Look again in a moment.", fresh=delivery)
    record(session, actor, "webhook.replay", ("webhook", hook.id), now, before=delivery.status)
    delivery.status, delivery.attempts, delivery.due_at, delivery.claimed_until = DeliveryStatus.WAITING, 0, now, None
    session.flush()
    _look_again(session, hook, now)
    return delivery


def replay_failed(session: Session, hook: Webhook, actor: Actor, now: datetime) -> int:
    """Send everything that was given up once more, under its ids, in order; answers how much. `hook` is locked.

    Raises Invalid where the webhook is turned off.
    """
    _refuse_off(hook)
    again = session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == hook.id, Delivery.status == DeliveryStatus.FAILED)
        .values(status=DeliveryStatus.WAITING, attempts=0, due_at=now, claimed_until=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    if again:
        record(session, actor, "webhook.replay", ("webhook", hook.id), now, before=DeliveryStatus.FAILED)
        _look_again(session, hook, now)
    return len(again)


def _look_again(session: Session, hook: Webhook, now: datetime) -> None:
    """Somebody waits to see it arrive, whether or not anybody answered there a moment ago."""
    session.execute(update(Webhook).where(Webhook.id == hook.id).values(quiet_until=None))
    wake_at(session, now)


def _refuse_off(hook: Webhook) -> None:
    if not hook.is_on:
        raise Invalid("This webhook is turned off. Turn it on first: then everything that waits is sent.")


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now)


def _check_version(hook: Webhook, version: int) -> None:
    if hook.version != version:
        raise Conflict("Somebody changed this webhook meanwhile. Look at it as it is now and repeat.", fresh=hook)


def _checked(url: str, events: Collection[str], others: Collection[str], allow: Networks) -> tuple[str, str]:
    """The address and the events' names as they are kept. Raises Invalid."""
    url, wrong = url.strip(), {}
    if url in others:
        wrong["url"] = "There is a webhook for this address already."
    try:
        check(url, allow)
    except Refused as error:
        wrong["url"] = str(error)
    if not events or set(events) - set(Event):
        wrong["events"] = f"Choose from {', '.join(Event)}."
    if wrong:
        raise Invalid("The webhook cannot be kept like this.", wrong)
    return url, " ".join(event for event in Event if event in events)
