"""The mails that tell people where they stand at a company."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company, CompanyRole, Invitation, Membership
from app.domain.companies.services.invitations import mint
from app.domain.mail.letters import Letter, mail

MAY = {
    CompanyRole.OWNER: "everything: postings, applicants, the team and the company's page",
    CompanyRole.RECRUITER: "writing postings and managing their applicants",
    CompanyRole.REVIEWER: "reading applicants and what colleagues wrote of them",
}


@mail("company-invitation")
def _invitation(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    invitation = session.get(Invitation, ids["invitation_id"])
    if invitation is None or invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now:
        return None
    if invitation.times_sent != ids["times_sent"] or invitation.company.suspended_at is not None:
        return None
    asker = invitation.invited_by
    token = mint(session, invitation, links.key)
    return Letter(
        subject=f"Join {invitation.company.name}",
        template="company-invitation",
        values={
            "company": invitation.company.name, "asker": asker.name if asker else "", "role": invitation.role.value,
            "may": MAY[invitation.role], "until": invitation.expires_at.strftime("%-d %B %Y"),
            "link": links.url(f"/invitations/{token}"), "email": invitation.email,
        },
        reply_to=(asker.name, asker.email) if asker else None,
    )


@mail("company-role-changed")
def _role_changed(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    membership = session.get(Membership, ids["membership_id"])
    if membership is None or membership.ended_at is not None or membership.role != ids["role"]:
        return None
    return Letter(
        subject=f"You are now {_article(membership.role)} at {membership.company.name}",
        template="company-role-changed",
        values={
            "company": membership.company.name, "role": membership.role.value, "may": MAY[membership.role],
            "link": links.url(f"/employer?company={membership.company.slug}"),
        },
    )


@mail("company-member-removed")
def _removed(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    membership = session.get(Membership, ids["membership_id"])
    if membership is None or membership.ended_at is None:
        return None
    entry = session.get(AuditEntry, ids["audit_id"]) if "audit_id" in ids else None
    return Letter(
        subject=f"You no longer work for {membership.company.name} here",
        template="company-member-removed",
        values={
            "company": membership.company.name, "link": links.url("/me"), "by_admin": entry is not None,
            "reason": (entry.reason or "") if entry else "",
        },
    )


@mail("company_suspend")
def _suspended(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    return _standing(session, ids, suspended=True)


@mail("company_restore")
def _restored(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    return _standing(session, ids, suspended=False)


def _standing(session: Session, ids: Mapping[str, Any], *, suspended: bool) -> Letter | None:
    company, entry = session.get(Company, ids["company_id"]), session.get(AuditEntry, ids["audit_id"])
    if company is None or entry is None or (company.suspended_at is not None) is not suspended:
        return None  # it is otherwise again: a mail of its own says so
    subject = f"{company.name} is suspended" if suspended else f"{company.name} is on the board again"
    values = {"company": company.name, "suspended": suspended, "reason": entry.reason or ""}
    return Letter(subject=subject, template="company_standing", values=values)


def _article(role: CompanyRole) -> str:
    return f"an {role.value}" if role is CompanyRole.OWNER else f"a {role.value}"
