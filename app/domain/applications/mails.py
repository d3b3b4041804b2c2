"""The mails about an application: to its applicant at every step, to those at the company who act on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.accounts.notices import Frequency, Notice, unsubscribe_path, wanted
from app.domain.applications.guests import MOST, of_address, path_of, waiting
from app.domain.applications.models import Application, ApplicationEvent, Notify, Stage
from app.domain.applications.queries import receivers
from app.domain.applications.seeing import heard_before
from app.domain.applications.transitions import OPEN
from app.domain.companies.models import Membership
from app.domain.mail.letters import Letter, mail
from app.domain.postings.models import Posting

_APPLIED = "You get this mail because somebody applied to this job with your address. Nobody else sees the link."
_WANTED = "You get this mail because you receive applications at {}. Your notification settings say how often."
_MOST_IN_A_DIGEST = 50

_SUBJECTS = {
    Stage.IN_REVIEW: "Your application is in review: {}",
    Stage.INTERVIEW: "They would like to talk to you: {}",
    Stage.OFFER: "You have an offer: {}",
    Stage.HIRED: "You are hired: {}",
    Stage.REJECTED: "Your application was not chosen: {}",
    Stage.NOT_SELECTED: "This job ended without you: {}",
    Stage.SUBMITTED: "Your application waits again: {}",
}


def _found(session: Session, ids: Mapping[str, Any]) -> Application | None:
    application = session.get(Application, ids["application_id"])
    return None if application is None or application.stage is Stage.SPAM else application


def _company(application: Application) -> str:
    return application.snapshot.company_name or "the employer"


def _facts(application: Application) -> dict[str, Any]:
    snapshot = application.snapshot
    return {"name": application.name, "title": snapshot.title, "company": _company(application)}


def _reply_to(session: Session, company_id: int | None, actor_id: int | None) -> tuple[str, str] | None:
    """Who moved it, while they belong there; else whoever has received applications there the longest."""
    people = receivers(session, company_id)
    person = next((user for user in people if user.id == actor_id), people[0] if people else None)
    return (person.name, person.email) if person else None


@mail("application-received")
def _received(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    application = _found(session, ids)
    if application is None:
        return None
    return Letter(
        subject=f"Received: {application.snapshot.title}", template="application-received",
        values=_facts(application) | {
            "link": links.url(path_of(links, application)), "guest": application.user_id is None,
            "place": application.snapshot.place_label, "pay": application.snapshot.pay,
            "resume": application.resume.filename if application.resume else "",
            "sent": application.submitted_at.strftime("%-d %B %Y"),
        },
        reply_to=_reply_to(session, application.posting.company_id, None), why=_APPLIED,
    )


@mail("application-repeated")
def _repeated(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    application = _found(session, ids)
    if application is None or not waiting(session, application.id):
        return None
    return Letter(
        subject=f"Did you apply again? {application.snapshot.title}", template="application-repeated",
        values=_facts(application) | {"link": links.url(path_of(links, application))}, why=_APPLIED,
    )


@mail("application-moved")
def _moved(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    application, event = _found(session, ids), session.get(ApplicationEvent, ids["event_id"])
    if application is None or event is None or _passed(application, event):
        return None
    opened = event.before is not None and event.before not in OPEN and event.after in OPEN
    again = opened and heard_before(application, event)
    subject = "Your application is open again: {}" if again else _SUBJECTS.get(event.after)
    if subject is None:
        return None
    return Letter(
        subject=subject.format(application.snapshot.title), template="application-moved",
        values=_facts(application) | {
            "stage": event.after.value, "again": again, "guest": application.user_id is None,
            "reason": (event.reason or "") if event.after is Stage.REJECTED else "",
            "link": links.url(path_of(links, application)),
        },
        reply_to=_reply_to(session, application.posting.company_id, event.actor_id), why=_APPLIED,
    )


def _passed(application: Application, event: ApplicationEvent) -> bool:
    """Whether this is no news any more: it was undone, its applicant ended it, or it was held back and more came."""
    later = [step for step in application.events if step.id > event.id and step.before != step.after]
    if event.notify == Notify.LATER:
        return bool(later)
    return any(step.after in (event.before, Stage.WITHDRAWN, Stage.DECLINED) for step in later)


@mail("application-withdrawn")
def _withdrawn(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    application, user = _found(session, ids), session.get(User, ids["user_id"])
    if application is None or user is None or application.stage not in (Stage.WITHDRAWN, Stage.DECLINED):
        return None
    if not _may_know(session, application.posting, user):
        return None
    return Letter(
        subject=f"{application.name} {_ENDED[application.stage]}: {application.posting.title}",
        template="application-withdrawn",
        values={
            "name": application.name, "title": application.posting.title, "declined": _declined(application),
            "link": links.url(f"/employer/applications/{application.id}"),
        },
        reply_to=(application.name, application.email),
        why="You get this mail because you moved this application last.",
    )


_ENDED = {Stage.WITHDRAWN: "withdrew", Stage.DECLINED: "declined the offer"}


def _declined(application: Application) -> bool:
    return application.stage is Stage.DECLINED


def _may_know(session: Session, posting: Posting, user: User) -> bool:
    return user.id in {receiver.id for receiver in receivers(session, posting.company_id)}


@mail("new-applicant")
def _new_applicant(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    application, user = _found(session, ids), session.get(User, ids["user_id"])
    if application is None or user is None or application.stage is Stage.WITHDRAWN:
        return None
    posting = application.posting
    if not _may_know(session, posting, user) or wanted(session, user.id, Notice.NEW_APPLICANT) is Frequency.OFF:
        return None
    return Letter(
        subject=f"New applicant: {application.name}, {posting.title}", template="new-applicant",
        values={
            "name": application.name, "title": posting.title, "letter": _beginning(application.cover_letter),
            "link": links.url(f"/employer/applications/{application.id}"),
            "all": links.url(f"/employer/postings/{posting.id}/applicants"),
        },
        reply_to=(application.name, application.email),
        unsubscribe=unsubscribe_path(links, user.id, Notice.NEW_APPLICANT),
        why=_WANTED.format(posting.company.name if posting.company else "this company"),
    )


def _beginning(letter: str, most: int = 600) -> str:
    return letter if len(letter) <= most else letter[:most].rsplit(" ", 1)[0] + " …"


@mail("new-applicants-digest")
def _digest(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    """A day's new applicants; `ids` names the person (`user_id`) and the day's beginning (`since`, ISO)."""
    user, since = session.get(User, ids["user_id"]), datetime.fromisoformat(ids["since"])
    if user is None or user.suspended_at is not None:
        return None
    if wanted(session, user.id, Notice.NEW_APPLICANT) is Frequency.OFF:
        return None
    rows = _of_the_day(session, user.id, since)
    mine = [row for row in rows if _may_know(session, row.posting, user)]
    if not mine:
        return None
    number = f"{len(mine)}{' or more' if len(rows) == _MOST_IN_A_DIGEST else ''}"
    return Letter(
        subject=f"{number} new applicant{'s' if len(mine) != 1 else ''}", template="new-applicants-digest",
        values={"people": [(row.name, row.posting.title) for row in mine], "link": links.url("/employer")},
        unsubscribe=unsubscribe_path(links, user.id, Notice.NEW_APPLICANT), why=_WANTED.format("your company"),
    )


def _of_the_day(session: Session, user_id: int, since: datetime) -> list[Application]:
    companies = select(Membership.company_id).where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    return list(
        session.scalars(
            select(Application)
            .join(Posting, Posting.id == Application.posting_id)
            .where(
                Posting.company_id.in_(companies), Application.submitted_at >= since,
                Application.submitted_at < since + timedelta(days=1),
                Application.stage.not_in((Stage.SPAM, Stage.WITHDRAWN)),
            )
            .options(joinedload(Application.posting).load_only(Posting.title, Posting.company_id))
            .order_by(Application.id)
            .limit(_MOST_IN_A_DIGEST)
        )
    )


@mail("application-links")
def _links(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    found = of_address(session, ids.get("address", ""), MOST)
    if not found:
        return None
    return Letter(
        subject="Your applications", template="application-links",
        values={
            "links": [
                (f"{row.snapshot.title}, {_company(row)}", links.url(path_of(links, row))) for row in found
            ],
        },
        why="You get this mail because somebody asked for the links to what was sent with your address.",
    )
