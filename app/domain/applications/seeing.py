"""What an applicant is told of their application, and when. Everything they read is decided here.

A step whose mail was asked for later is not told before that mail leaves; where something else happened first, never.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from app.domain.applications.models import Application, ApplicationEvent, Notify, Stage
from app.domain.applications.transitions import LATER, OWN_ENDINGS, Mover, legal


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone as the applicant sees it."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An application as its applicant may know it. `moved_at` is its last step, `reason` what it was given."""

    stage: Stage
    moved_at: datetime
    reason: str
    steps: Sequence[Step]
    acted_at: datetime | None
    """When the employer last did something; None while they have not."""
    resent_at: datetime | None
    endings: tuple[Stage, ...]
    held: ApplicationEvent | None
    """The last step, where it is not told yet."""


_MILESTONES = {
    Stage.SUBMITTED: "received", Stage.IN_REVIEW: "in review", Stage.INTERVIEW: "interview", Stage.OFFER: "offer"
}


def told(application: Application, now: datetime) -> Told:
    """What the applicant may know at `now`: received · in review · interview · offer · decided, each with its date."""
    steps = [event for event in application.events if event.before != event.after]
    shown = [
        event for event, after in zip(steps, [*steps[1:], None], strict=True)
        if not _held(event, now if after is None else min(now, after.at))
    ]
    last = shown[-1]
    resent = [event.at for event in application.events if event.resent]
    acts = [event for event in shown if event.before is not None and event.after not in OWN_ENDINGS]
    return Told(
        stage=last.after, moved_at=last.at, reason=(last.reason or "") if last.after is Stage.REJECTED else "",
        steps=_path(shown), acted_at=acts[-1].at if acts else None,
        resent_at=resent[-1] if resent else None, endings=legal(last.after, Mover.APPLICANT),
        held=steps[-1] if steps[-1] is not last else None,
    )


def heard_before(application: Application, event: ApplicationEvent) -> bool:
    """Whether the applicant had heard of the step before this one when this one was made."""
    earlier = [step for step in application.events if step.id < event.id and step.before != step.after]
    return not _held(earlier[-1], event.at)


def _held(event: ApplicationEvent, now: datetime) -> bool:
    return event.notify == Notify.LATER and now < event.at + LATER


def _path(shown: list[ApplicationEvent]) -> list[Step]:
    """The milestones of these steps; what was undone is not told."""
    path: list[Step] = []
    for event in shown:
        name = _MILESTONES.get(event.after, "decided")
        reached = next((i for i, step in enumerate(path) if step.name == name), None)
        path = [*path, Step(name, event.at)] if reached is None or name == "decided" else path[: reached + 1]
    return path


def told_stage(now: datetime) -> ColumnElement[Stage]:
    """`Told.stage` of an `Application` row, for queries."""
    event = aliased(ApplicationEvent)
    return (
        select(event.after)
        .where(
            event.application_id == Application.id,
            or_(event.before.is_(None), event.before != event.after),
            or_(event.notify.is_(None), event.notify != Notify.LATER, event.at <= now - LATER),
        )
        .order_by(event.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )
