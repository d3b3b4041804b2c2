"""From what happened to what is owed: one row for each webhook, in the transaction of the change."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from app.core.closing import Gathering
from app.core.db import wake_at
from app.domain.applications.models import Application, ApplicationEvent, CompanyStage
from app.domain.applications.transitions import OWN_ENDINGS
from app.domain.companies.models import Company, Membership
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.transitions import ENDED, SHOWN
from app.domain.webhooks.models import Delivery, Event, Webhook

_SEVERAL = 500
"""Rows asked for at once."""


class _Noted(NamedTuple):
    """Something that happened in this transaction; `number` tells what came first."""

    number: int
    now: datetime
    posting_id: int | None = None
    moved: bool = False
    before: str | None = None
    event_id: int | None = None


class _Owed(NamedTuple):
    """An event as one webhook is told of it."""

    number: int
    webhook_id: int
    event: str
    posting_id: int
    facts: dict[str, Any]
    now: datetime


_numbers = count(1)


def note_postings(session: Session, posting_ids: Iterable[int], now: datetime) -> None:
    """These postings changed, once this transaction is committed."""
    _noted.add(session, *(_Noted(next(_numbers), now, posting_id=id_) for id_ in posting_ids))


def note_move(session: Session, posting_id: int, before: str | None, now: datetime) -> None:
    """This posting entered another state; where it enters several, the last one counts, from before the first."""
    _noted.add(session, _Noted(next(_numbers), now, posting_id=posting_id, moved=True, before=before))


def note_step(session: Session, event_id: int, now: datetime) -> None:
    """An application was sent or took the step of this `ApplicationEvent`."""
    _noted.add(session, _Noted(next(_numbers), now, event_id=event_id))


def _write(session: Session, noted: set[_Noted]) -> None:
    if session.scalar(select(Webhook.id).limit(1)) is None:
        return
    happened = sorted(noted)
    owed = sorted([*_of_postings(session, happened), *_of_applications(session, happened)], key=lambda one: one.number)
    names = {number: f"evt_{secrets.token_hex(12)}" for number in {one.number for one in owed}}
    rows = [
        {
            "webhook_id": one.webhook_id, "event_id": names[one.number], "event": one.event,
            "posting_id": one.posting_id, "facts": one.facts, "created_at": one.now, "due_at": one.now, "attempts": 0,
            "status": "waiting",
        }
        for one in owed
    ]
    if rows:
        session.execute(insert(Delivery), rows)
        wake_at(session, max(one.now for one in owed))


_noted = Gathering("events out", _write)


def _of_postings(session: Session, happened: Sequence[_Noted]) -> Iterator[_Owed]:
    """One event a posting, whatever happened to it in this transaction."""
    first: dict[int, _Noted] = {}
    for one in happened:
        if one.posting_id is not None:
            known = first.setdefault(one.posting_id, one)
            if one.moved and not known.moved:
                first[one.posting_id] = one
    query = select(Webhook.id, Webhook.events, *_POSTING).select_from(Posting).join(Posting.company)
    for row in _found(session, _of_their_company(query), Posting.id, list(first)):
        one = first[row.posting_id]
        event = _event(one, row.status)
        if event is not None and event in row.events.split():
            facts = {"posting": _posting(row), "before": one.before}
            yield _Owed(one.number, row.id, event, row.posting_id, facts, one.now)


def _event(one: _Noted, status: PostingStatus) -> Event | None:
    """What a posting's change is called; None where it is a draft's, or that of one which is over."""
    if one.moved and status != one.before:
        if status is PostingStatus.PUBLISHED:
            return Event.POSTING_PUBLISHED
        if status is PostingStatus.EXPIRED:
            return Event.POSTING_EXPIRED
        if status in ENDED:
            return Event.POSTING_CLOSED
        return Event.POSTING_PAUSED if one.before == PostingStatus.PUBLISHED else Event.POSTING_CHANGED
    return Event.POSTING_CHANGED if status in (*SHOWN, PostingStatus.PENDING) else None


def _of_applications(session: Session, happened: Sequence[_Noted]) -> Iterator[_Owed]:
    steps = {one.event_id: one for one in happened if one.event_id is not None}
    query = (
        select(
            Webhook.id, Webhook.events, *_POSTING, ApplicationEvent.id.label("step_id"), ApplicationEvent.before,
            ApplicationEvent.after, Application.id.label("application_id"), Application.version.label("at_version"),
            CompanyStage.name.label("own_stage"),
        )
        .select_from(ApplicationEvent)
        .join(Application, Application.id == ApplicationEvent.application_id)
        .join(Application.posting)
        .join(Posting.company)
        .outerjoin(CompanyStage, CompanyStage.id == ApplicationEvent.company_stage_id)
    )
    for row in _found(session, _of_their_company(query), ApplicationEvent.id, list(steps)):
        event = Event.APPLICATION_MOVED
        if row.before is None:
            event = Event.APPLICATION_SUBMITTED
        elif row.after in OWN_ENDINGS:
            event = Event.APPLICATION_WITHDRAWN
        if event in row.events.split():
            one = steps[row.step_id]
            told = {
                "id": row.application_id, "stage": row.after, "company_stage": row.own_stage, "version": row.at_version,
            }
            facts = {"application": told, "posting": _posting(row), "before": row.before}
            yield _Owed(one.number, row.id, event, row.posting_id, facts, one.now)


_POSTING = (
    Posting.id.label("posting_id"), Posting.title, Posting.slug, Posting.status, Posting.frozen_at, Posting.version,
    Posting.published_at, Posting.expires_at, Company.slug.label("company"),
)


def _of_their_company(query: Any) -> Any:
    """A row for each webhook of the posting's company, as long as anybody belongs to it."""
    living = select(Membership.id).where(Membership.company_id == Company.id, Membership.ended_at.is_(None))
    return query.join(Webhook, Webhook.company_id == Company.id).where(living.exists())


def _found(session: Session, query: Any, column: Any, ids: Sequence[int]) -> Iterator[Row[Any]]:
    for start in range(0, len(ids), _SEVERAL):
        yield from session.execute(query.where(column.in_(ids[start : start + _SEVERAL]))).all()


def _posting(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.posting_id, "title": row.title, "slug": row.slug, "company": row.company, "status": row.status,
        "frozen": row.frozen_at is not None, "version": row.version, "published_at": _at(row.published_at),
        "expires_at": _at(row.expires_at),
    }


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
