"""An application's timeline as its company reads it: who, when, why, mailed or not, how long it stood where."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.accounts.queries import names
from app.domain.applications.models import Application, CompanyStage, Notify, Stage
from app.domain.mail.models import MailStatus, OutboxMail


@dataclass(frozen=True, slots=True)
class Moment:
    """One step. `stood` is how long it stood there; None where it still does. `mailed` is a sentence, or empty."""

    at: datetime
    who: str
    stage: Stage
    own: str
    reason: str
    mailed: str
    stood: timedelta | None
    resent: bool = False
    """Whether it is no step: the applicant put something newer in the place of what they had sent."""


_MAILED = {
    MailStatus.WAITING: "Mail waits to be sent", MailStatus.SENT: "Mailed", MailStatus.CANCELLED: "Not mailed",
    MailStatus.PARKED: "The mail could not be delivered",
}


def timeline(session: Session, application: Application) -> list[Moment]:
    """The steps, newest first."""
    events = application.events
    keys = {f"application-moved:{event.id}": event.id for event in events}
    rows = session.execute(select(OutboxMail.key, OutboxMail.status).where(OutboxMail.key.in_(keys)))
    sent = {keys[key]: status for key, status in rows}
    own_ids = {event.company_stage_id for event in events if event.company_stage_id}
    own = dict(session.execute(select(CompanyStage.id, CompanyStage.name).where(CompanyStage.id.in_(own_ids))).all())
    people = names(session, (event.actor_id for event in events))
    steps = [event for event in events if not event.resent]
    ends = dict(zip((event.id for event in steps), (event.at for event in steps[1:]), strict=False))
    told: list[Moment] = []
    for event in events:
        if event.resent:
            told.append(Moment(event.at, "The applicant", event.after, "", "", "", None, resent=True))
            continue
        guests = event.actor_id is None and (event.before is None or event.after in (Stage.WITHDRAWN, Stage.DECLINED))
        if guests or (event.actor_id is not None and event.actor_id == application.user_id):
            who, mailed = "The applicant", ""
        else:
            who = people.get(event.actor_id, "Somebody") if event.actor_id else "Nexus"
            mailed = _mailed(sent.get(event.id), event.notify)
        stood = ends[event.id] - event.at if event.id in ends else None
        own_name = own.get(event.company_stage_id, "") if event.company_stage_id else ""
        told.append(Moment(event.at, who, event.after, own_name, event.reason or "", mailed, stood))
    return told[::-1]


def _mailed(status: MailStatus | None, notify: str | None) -> str:
    if status is not None:
        return _MAILED[status]
    return "Mailed" if notify in (Notify.NOW, Notify.LATER) else "Not mailed"
