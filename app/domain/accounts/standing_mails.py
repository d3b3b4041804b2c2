"""Mails to a person an admin suspended or restored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.domain.mail.letters import Letter, mail


def _letter(session: Session, ids: Mapping[str, Any], *, suspended: bool) -> Letter | None:
    user, entry = session.get(User, ids["user_id"]), session.get(AuditEntry, ids["audit_id"])
    if user is None or entry is None or (user.suspended_at is not None) is not suspended:
        return None  # it is otherwise again: a mail of its own says so
    subject = "Your account is suspended" if suspended else "Your account is open again"
    values = {"name": user.name, "suspended": suspended, "reason": entry.reason or ""}
    return Letter(subject=subject, template="account_standing", values=values)


@mail("account_suspend")
def suspended(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    """Why the account is suspended, and what that means."""
    return _letter(session, ids, suspended=True)


@mail("account_restore")
def restored(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    """The account is open again."""
    return _letter(session, ids, suspended=False)
