"""What admins do to a company: trust it, suspend it, take either back. Once, with a reason, told, audited."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid, NotFound
from app.core.events import company_changed
from app.domain.audit import queries as audit
from app.domain.audit.services import checked_reason, record
from app.domain.companies.models import Company, CompanyRole, Membership
from app.domain.companies.queries import team
from app.domain.companies.services.membership import keep_an_owner
from app.domain.companies.services.profile import check_version
from app.domain.mail.services import owe

ACTIONS = ("trust", "untrust", "suspend", "restore")


def locked(session: Session, company_id: int | None) -> Company:
    """A company's row, held until the transaction ends. Raises NotFound."""
    company = session.scalar(select(Company).where(Company.id == company_id).with_for_update())
    if company is None:
        raise NotFound
    return company


def admin_act(
    session: Session, company: Company, action: str, version: int, actor: Actor, reason: str, now: datetime
) -> Company:
    """Do one of `ACTIONS`; what is so already changes nothing. The postings of a suspended company are not live.

    Raises Conflict (fresh: the company) where `version` is stale; Invalid where it became part of another, or the
    reason is missing.
    """
    if action not in ACTIONS:
        raise Invalid("There is no such act.", {"action": "Choose one of: " + ", ".join(ACTIONS) + "."})
    subject, logged = ("company", company.id), f"company.{action}"
    if _is_so(company, action) and (audit.repeats(session, subject, logged, actor) or company.version == version):
        return company
    check_version(company, version)
    if company.merged_into_id is not None:
        raise Invalid("This company became part of another one: act on that one.")
    reason = checked_reason(reason, "the company", needed=action == "suspend")
    if action in ("trust", "untrust"):
        company.trusted = action == "trust"
    else:
        company.suspended_at = now if action == "suspend" else None
    entry = record(session, actor, logged, subject, now, reason=reason)
    session.flush()
    if action in ("suspend", "restore"):
        for member in team(session, company.id):
            key = f"{logged}:{entry.id}:{member.user_id}"
            owe(
                session, f"company_{action}", member.user.email, key, now, company_id=company.id, audit_id=entry.id,
                user_id=member.user_id,
            )
        company_changed.send("companies", session=session, company_id=company.id, now=now)
    return company


def end_membership(
    session: Session, membership_id: int, user_id: int, actor: Actor, reason: str, now: datetime
) -> Membership:
    """End this person's membership; they are told why by mail. Ended already, it stays as it is.

    Raises NotFound where they have no such one, Invalid without a reason and where the company would be left without
    an owner.
    """
    query = select(Membership).where(Membership.id == membership_id, Membership.user_id == user_id)
    locked(session, session.scalar(query.with_only_columns(Membership.company_id)))
    membership = session.scalars(query.execution_options(populate_existing=True)).one()
    if membership.ended_at is not None:
        return membership
    reason = checked_reason(reason, "the person", needed=True)
    if membership.role is CompanyRole.OWNER:
        keep_an_owner(session, membership)
    membership.ended_at = now
    entry = record(
        session, actor, "membership.end", ("user", user_id), now, before=str(membership.role), reason=reason
    )
    session.flush()
    owe(
        session, "company-member-removed", membership.user.email, f"membership-ended:{membership.id}", now,
        membership_id=membership.id, audit_id=entry.id,
    )
    return membership


def _is_so(company: Company, action: str) -> bool:
    if action in ("trust", "untrust"):
        return company.trusted is (action == "trust")
    return (company.suspended_at is not None) is (action == "suspend")
