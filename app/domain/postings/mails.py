"""The mails that tell a company what became of a posting, and when its time is nearly over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_date
from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.accounts.notices import Notice, unsubscribe_path
from app.domain.audit.models import AuditEntry
from app.domain.mail.letters import Letter, mail
from app.domain.postings.models import Posting
from app.domain.postings.transitions import SHOWN, status_at

_SUBJECTS = {
    "posting_published": "Published: {title}",
    "posting_changes_requested": "Please change: {title}",
    "posting_rejected": "Not published: {title}",
    "posting_removed": "Taken down: {title}",
}
_WHY = "You get this mail because you may change this company's postings."


def _decided(session: Session, ids: Mapping[str, Any], links: Links, subject: str) -> Letter | None:
    posting, entry = session.get(Posting, ids["posting_id"]), session.get(AuditEntry, ids["audit_id"])
    if posting is None or entry is None:
        return None
    return Letter(
        subject=subject.format(title=posting.title),
        template="posting-decided",
        values={
            "act": entry.action.removeprefix("posting."), "title": posting.title, "reason": entry.reason or "",
            "link": links.url(f"/employer/postings/{posting.id}"),
            "public": links.url(f"/jobs/{posting.id}/{posting.slug}") if posting.slug else "",
            "until": _day(posting.expires_at) if posting.expires_at else "",
        },
        why=_WHY,
    )


def _register(template: str, subject: str) -> None:
    @mail(template)
    def write(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
        return _decided(session, ids, links, subject)


for _template, _subject in _SUBJECTS.items():
    _register(_template, _subject)


@mail("posting-expiring")
def _expiring(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    posting, user = session.get(Posting, ids["posting_id"]), session.get(User, ids["user_id"])
    if posting is None or user is None or posting.expires_at is None or status_at(posting, now) not in SHOWN:
        return None
    return Letter(
        subject=f"Closes on {_day(posting.expires_at)}: {posting.title}",
        template="posting-expiring",
        values={
            "title": posting.title, "until": _day(posting.expires_at),
            "link": links.url(f"/employer/postings/{posting.id}"),
            "applicants": links.url(f"/employer/postings/{posting.id}/applicants"),
            "here": posting.applies_here,
        },
        unsubscribe=unsubscribe_path(links, user.id, Notice.POSTING_EXPIRING),
        why=_WHY,
    )


def _day(moment: datetime) -> str:
    return format_date(moment, "d MMMM y", locale="en")
