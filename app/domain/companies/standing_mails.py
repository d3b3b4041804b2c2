"""Mails to the members of a company that an admin suspended or restored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company
from app.domain.mail.letters import Letter, mail


def _letter(session: Session, ids: Mapping[str, Any], *, suspended: bool) -> Letter | None:
    company, entry = session.get(Company, ids["company_id"]), session.get(AuditEntry, ids["audit_id"])
    if company is None or entry is None or (company.suspended_at is not None) is not suspended:
        return None  # it is otherwise again: a mail of its own says so
    subject = f"{company.name} is suspended" if suspended else f"{company.name} is on the board again"
    values = {"company": company.name, "suspended": suspended, "reason": entry.reason or ""}
    return Letter(subject=subject, template="company_standing", values=values)


@mail("company_suspend")
def suspended(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    """Why the company is suspended, and what that means."""
    return _letter(session, ids, suspended=True)


@mail("company_restore")
def restored(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    """The company is on the board again."""
    return _letter(session, ids, suspended=False)
