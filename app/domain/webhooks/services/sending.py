"""The way of an event to its receiver. Each step is a short transaction; asking the receiver lies between them."""

import json
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from app.core.db import wake_at
from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.companies.models import CompanyRole, Membership
from app.domain.mail.services import owe
from app.domain.webhooks.models import Delivery, DeliveryStatus, Webhook
from app.domain.webhooks.signing import headers, salts

LEASE = timedelta(minutes=2)
"""How long a claimed delivery is its claimer's: longer than one try can take."""
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)
)
"""Between one try and the next, give or take a tenth: about a day for all. After the last it is given up."""
MOST_TRIES = len(WAITS) + 1
PATIENCE = timedelta(days=3)
"""A webhook through which nothing got for that long is disabled when the next event is given up."""
_QUIET = timedelta(seconds=30), timedelta(minutes=15)
"""How long an address where nobody answers is left alone, at the least and at the most."""
SOON = timedelta(minutes=1)
GONE = 410


@dataclass(frozen=True, slots=True)
class Call:
    """A claimed delivery, ready to be sent. `until` is its lease's end, by which the claimer is known."""

    id: int
    webhook_id: int
    attempts: int
    until: datetime
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: the status of an answer, or in `why` what there was instead. `took` is how long it took."""

    status: int | None
    why: str
    took: timedelta

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def claim(
    session: Session, links: Links, now: datetime, *, most: int = 1, besides: Collection[int] = ()
) -> list[Call]:
    """Take what may be sent now: one delivery each of up to `most` webhooks that are not in `besides`.

    Of one posting only the oldest that waits: what follows it is not sent before it arrived or was given up. Several
    claimers get different ones; nobody is waited for, so that who holds a webhook and wants its delivery is not either.
    """
    found = session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(_next(now, besides).limit(most)), *_free(now))
        .join(Delivery.webhook)
        .options(contains_eager(Delivery.webhook))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, key_share=True, of=[Delivery, Webhook])
    ).all()
    return [call for delivery in found if (call := _taken(session, delivery, links, now)) is not None]


def is_due(session: Session, now: datetime) -> bool:
    """Whether anything may be sent now."""
    return session.scalar(_next(now, ()).limit(1)) is not None


def _next(now: datetime, besides: Collection[int]) -> Select[Any]:
    """The delivery that each webhook is to be sent next, whoever waits longest first."""
    may = [
        Webhook.paused_at.is_(None), Webhook.disabled_at.is_(None),
        or_(Webhook.quiet_until.is_(None), Webhook.quiet_until <= now),
    ]
    if besides:
        may.append(Webhook.id.not_in(besides))
    oldest = (
        select(func.min(Delivery.id).label("id"))
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.status == DeliveryStatus.WAITING, *may)
        .group_by(Delivery.webhook_id, Delivery.posting_id)
        .subquery()
    )
    return (
        select(func.min(Delivery.id))
        .join(oldest, oldest.c.id == Delivery.id)
        .where(*_free(now))
        .group_by(Delivery.webhook_id)
        .order_by(func.min(Delivery.due_at), func.min(Delivery.id))
    )


def _free(now: datetime) -> list[Any]:
    unclaimed = or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now)
    return [Delivery.status == DeliveryStatus.WAITING, Delivery.due_at <= now, unclaimed]


def _taken(session: Session, delivery: Delivery, links: Links, now: datetime) -> Call | None:
    delivery.attempts += 1
    if delivery.attempts > MOST_TRIES:  # its last try was never heard of again
        _give_up(session, delivery.id, delivery.webhook, now)
        return None
    delivery.claimed_until = until = now + LEASE
    hook, body = delivery.webhook, _body(delivery, links)
    sent = {"content-type": "application/json"} | headers(links.key, salts(hook, now), delivery.event_id, now, body)
    return Call(delivery.id, hook.id, delivery.attempts, until, hook.url, sent, body)


def _body(delivery: Delivery, links: Links) -> bytes:
    """The event as JSON: its facts as they were, with the addresses under which they are read as they are now."""
    facts = {name: dict(said) if isinstance(said, dict) else said for name, said in delivery.facts.items()}
    if (posting := facts.get("posting")) is not None:
        slug = posting.pop("slug")
        posting["url"] = links.url(f"/jobs/{posting['id']}/{slug}") if slug else None
        posting["api_url"] = links.url(f"/api/v1/postings/{posting['id']}")
    if (application := facts.get("application")) is not None:
        application["url"] = links.url(f"/employer/applications/{application['id']}")
        application["api_url"] = links.url(f"/api/v1/applications/{application['id']}")
    happened = delivery.created_at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": delivery.event, "timestamp": happened, "data": facts}, ensure_ascii=False).encode()


def delay(attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after this many tries: as `WAITS` says, times a chance from 0.9 to 1.1."""
    return WAITS[min(attempts, len(WAITS)) - 1] * (0.9 + chance() / 5)


def arrived(session: Session, call: Call, outcome: Outcome, now: datetime) -> None:
    """Note that an event got through. A fact: it holds even where the lease ran out meanwhile.

    The webhook before its delivery, here and in `failed`: so do those who act by hand, and none waits for the other.
    """
    session.execute(
        update(Webhook)
        .where(
            Webhook.id == call.webhook_id, or_(Webhook.failing_since.is_not(None), Webhook.quiet_until.is_not(None))
        )
        .values(failing_since=None, quiet_until=None)
    )
    session.execute(
        update(Delivery)
        .where(Delivery.id == call.id, Delivery.status != DeliveryStatus.DELIVERED)
        .values(status=DeliveryStatus.DELIVERED, claimed_until=None, **_told(outcome, now))
    )


def failed(session: Session, call: Call, outcome: Outcome, now: datetime) -> bool:
    """Note that an event did not get through: it is tried again, later each time, and given up after `MOST_TRIES`.

    Where nobody answered at all, the webhook's other events wait a while too. Who says 410 wants no more, and is sent
    none. False where the lease ran out and somebody else has it.
    """
    due_at = now + delay(call.attempts)
    hook = session.scalar(select(Webhook).where(Webhook.id == call.webhook_id).with_for_update(key_share=True))
    mine = session.execute(
        update(Delivery)
        .where(
            Delivery.id == call.id, Delivery.status == DeliveryStatus.WAITING, Delivery.claimed_until == call.until
        )
        .values(due_at=due_at, claimed_until=None, **_told(outcome, now))
    )
    if hook is None or not (isinstance(mine, CursorResult) and mine.rowcount == 1):
        return False
    _note_failure(session, hook, quiet=outcome.status is None, now=now)
    if outcome.status == GONE:
        _disable(session, hook, "Its address answered 410: nobody wants events there any more.", now)
    elif call.attempts >= MOST_TRIES:
        _give_up(session, call.id, hook, now)
    elif due_at - now < SOON:
        wake_at(session, due_at)
    return True


def _told(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "sent_at": now, "answer_status": outcome.status, "answer_text": outcome.why[:300] or None,
        "took_ms": round(outcome.took.total_seconds() * 1000),
    }


def _note_failure(session: Session, hook: Webhook, *, quiet: bool, now: datetime) -> None:
    """Written past the version: what a member changes meanwhile is another matter."""
    since = hook.failing_since or now
    noted: dict[str, Any] = {"failing_since": since}
    if quiet:
        shortest, longest = _QUIET
        noted["quiet_until"] = now + min(max((now - since) / 4, shortest), longest)
    session.execute(update(Webhook).where(Webhook.id == hook.id).values(noted))


def _give_up(session: Session, delivery_id: int, hook: Webhook, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(status=DeliveryStatus.FAILED, claimed_until=None)
    )
    since = session.scalar(select(Webhook.failing_since).where(Webhook.id == hook.id)) or now
    if now - since >= PATIENCE:
        _disable(session, hook, f"Nothing got through since {since:%-d %B %Y}.", now)


def _disable(session: Session, hook: Webhook, why: str, now: datetime) -> None:
    """Keep a webhook still, once, and tell the owners of its company."""
    done = session.execute(
        update(Webhook)
        .where(Webhook.id == hook.id, Webhook.disabled_at.is_(None))
        .values(disabled_at=now, disabled_why=why, version=Webhook.version + 1)
        .returning(Webhook.version)
    ).first()
    if done is None:
        return
    owners = session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.company_id == hook.company_id, Membership.role == CompanyRole.OWNER,
            Membership.ended_at.is_(None), User.suspended_at.is_(None),
        )
        .order_by(User.id)
        .limit(100)
    )
    for user_id, email in owners:
        key = f"webhook-disabled:{hook.id}:{done.version}:{user_id}"
        owe(session, "webhook-disabled", email, key, now, webhook_id=hook.id, version=done.version)
