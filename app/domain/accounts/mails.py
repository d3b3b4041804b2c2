"""Mail about one's own account. Links are minted here, when the mail leaves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.accounts.models import EmailChange, TokenPurpose, User
from app.domain.accounts.queries import by_email
from app.domain.accounts.services.tokens import mint
from app.domain.audit.models import AuditEntry
from app.domain.mail.letters import Letter, mail

WHY = "You get this mail because of an account on this board with your address."
WHY_ASKED = "You get this mail because somebody typed your address on this board."
Ids = Mapping[str, Any]


def _person(session: Session, ids: Ids) -> User | None:
    user = session.get(User, ids["user_id"])
    return None if user is None or user.closed_at is not None else user


@mail("verify-email")
def _verify(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    user = _person(session, ids)
    if user is None or user.email_verified_at is not None or user.suspended_at is not None:
        return None
    token = mint(session, user, TokenPurpose.VERIFY_EMAIL, user.email, now)
    url = links.url(f"/verify-email/{token}")
    return Letter("Confirm your e-mail address", "verify-email", {"name": user.name, "url": url}, why=WHY)


@mail("reset-password")
def _reset(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    """A link for the account with this address; nothing where there is none, or it is suspended or closed.

    The mail goes where it was asked for, so the address must be the account's own and not merely fold to the same:
    a look-alike letter can belong to another mailbox.
    """
    user = by_email(session, ids["email"])
    if user is None or user.suspended_at is not None or user.closed_at is not None:
        return None
    if user.email.lower() != str(ids["email"]).lower():
        return None
    token = mint(session, user, TokenPurpose.RESET_PASSWORD, user.email, now)
    url = links.url(f"/reset-password/{token}")
    return Letter("Choose a new password", "reset-password", {"name": user.name, "url": url}, why=WHY_ASKED)


@mail("password-changed")
def _password_changed(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _told(session, ids, links, "Your password was changed", "password-changed")


@mail("second-factor-on")
def _second_factor_on(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _told(session, ids, links, "Signing in now asks for a code", "second-factor-on")


@mail("second-factor-off")
def _second_factor_off(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _told(session, ids, links, "Signing in no longer asks for a code", "second-factor-off")


def _told(session: Session, ids: Ids, links: Links, subject: str, template: str) -> Letter | None:
    user = _person(session, ids)
    if user is None:
        return None
    return Letter(subject, template, {"name": user.name, "reset": links.url("/forgot-password")}, why=WHY)


@mail("change-email-old")
def _change_old(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _change(session, ids, links, now, TokenPurpose.CHANGE_EMAIL_OLD)


@mail("change-email-new")
def _change_new(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    """Nothing goes to an address that has an account of its own."""
    change = session.get(EmailChange, ids["change_id"])
    other = by_email(session, change.email) if change else None
    if change is None or (other is not None and other.id != change.user_id):
        return None
    return _change(session, ids, links, now, TokenPurpose.CHANGE_EMAIL_NEW)


def _change(session: Session, ids: Ids, links: Links, now: datetime, purpose: TokenPurpose) -> Letter | None:
    change = session.get(EmailChange, ids["change_id"])
    user = session.get(User, change.user_id) if change else None
    if change is None or user is None or change.ended_at is not None or change.expires_at <= now:
        return None
    old = purpose is TokenPurpose.CHANGE_EMAIL_OLD
    token = mint(session, user, purpose, user.email if old else change.email, now, change_id=change.id)
    values = {"name": user.name, "old": user.email, "new": change.email, "url": links.url(f"/change-email/{token}")}
    subject = "Confirm that you move to another address" if old else "Confirm your new address"
    return Letter(subject, "change-email-old" if old else "change-email-new", values, why=WHY if old else WHY_ASKED)


@mail("account-closed")
def _closed(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return Letter(
        "Your account is closed", "account-closed", {"url": links.url("/jobs")},
        why="You get this mail, the last one, because of an account on this board with your address.",
    )


@mail("account_suspend")
def _suspended(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _standing(session, ids, suspended=True)


@mail("account_restore")
def _restored(session: Session, ids: Ids, links: Links, now: datetime) -> Letter | None:
    return _standing(session, ids, suspended=False)


def _standing(session: Session, ids: Ids, *, suspended: bool) -> Letter | None:
    user, entry = session.get(User, ids["user_id"]), session.get(AuditEntry, ids["audit_id"])
    if user is None or entry is None or (user.suspended_at is not None) is not suspended:
        return None  # it is otherwise again: a mail of its own says so
    subject = "Your account is suspended" if suspended else "Your account is open again"
    values = {"name": user.name, "suspended": suspended, "reason": entry.reason or ""}
    return Letter(subject=subject, template="account_standing", values=values)
