"""Changing who belongs to a company and as what. A company always keeps an owner who can act."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.accounts.models import User
from app.domain.audit.services import record
from app.domain.companies.models import Company, CompanyRole, Membership
from app.domain.companies.policies import GRANTS, Permission, require
from app.domain.mail.services import owe


def hold_team(session: Session, company_id: int | None, actor: Actor, permission: Permission) -> None:
    """Hold a company's team until the transaction ends; the actor's right is looked at anew behind that lock.

    Raises NotFound to whoever does not belong to it (any more) and where there is none, Forbidden to a colleague
    without the right.
    """
    require(actor, permission, company_id)
    lock_rows(session, select(Company.id).where(Company.id == company_id))
    role = session.scalar(
        select(Membership.role).where(
            Membership.company_id == company_id, Membership.user_id == actor.user_id, Membership.ended_at.is_(None)
        )
    )
    if role is None:
        raise NotFound
    if permission not in GRANTS[role]:
        raise Forbidden


def member_for(session: Session, membership_id: int, actor: Actor, permission: Permission) -> Membership:
    """A membership, ended ones too, for a colleague with the right; its whole team is held.

    Raises NotFound to strangers of that company, Forbidden without the right.
    """
    company_id = session.scalar(select(Membership.company_id).where(Membership.id == membership_id))
    hold_team(session, company_id, actor, permission)
    return session.scalars(
        select(Membership)
        .where(Membership.id == membership_id)
        .options(joinedload(Membership.user), joinedload(Membership.company))
        .execution_options(populate_existing=True)
    ).one()


def own_membership(session: Session, company_id: int, actor: Actor) -> Membership:
    """The actor's living membership of a company; its whole team is held. Raises NotFound."""
    hold_team(session, company_id, actor, Permission.COMPANIES_TEAM_READ)
    return session.scalars(
        select(Membership).where(
            Membership.company_id == company_id, Membership.user_id == actor.user_id, Membership.ended_at.is_(None)
        )
    ).one()


def change_role(
    session: Session, membership: Membership, role: str, version: int, actor: Actor, now: datetime
) -> Membership:
    """Give a member another role; they are told by mail. Giving the one they have changes nothing.

    Raises Conflict (fresh: the membership) where `version` is stale or they left, Invalid for no role of ours and
    where the company would be left without an owner.
    """
    after = checked_role(role)
    if membership.role is after and membership.ended_at is None:
        return membership
    _check(membership, version)
    before = membership.role
    if before is CompanyRole.OWNER:
        keep_an_owner(session, membership)
    membership.role = after
    session.flush()
    entry = record(
        session, actor, "membership.role", ("membership", membership.id), now, before=before.value, after=after.value
    )
    session.flush()
    if membership.user_id != actor.user_id:
        owe(
            session, "company-role-changed", membership.user.email, f"membership-role:{entry.id}", now,
            membership_id=membership.id, role=after.value,
        )
    return membership


def remove_member(session: Session, membership: Membership, version: int, actor: Actor, now: datetime) -> None:
    """End somebody's membership; they are told by mail. One that is over stays so.

    Raises Conflict where `version` is stale, Invalid where the company would be left without an owner.
    """
    if membership.ended_at is not None:
        return
    _check(membership, version)
    if membership.user_id == actor.user_id:
        raise Invalid("This is yourself. Use “Leave the company” below.")
    _end(session, membership, "membership.remove", actor, now)
    owe(
        session, "company-member-removed", membership.user.email, f"membership-ended:{membership.id}", now,
        membership_id=membership.id,
    )


def leave(session: Session, membership: Membership, actor: Actor, now: datetime) -> None:
    """End one's own membership. Raises Invalid for the last owner."""
    _end(session, membership, "membership.leave", actor, now)


def checked_role(text: str) -> CompanyRole:
    """A role by its name. Raises Invalid."""
    try:
        return CompanyRole(text)
    except ValueError:
        raise Invalid("There is no such role.", {"role": "Choose owner, recruiter or reviewer."}) from None


def _check(membership: Membership, version: int) -> None:
    if membership.version != version or membership.ended_at is not None:
        raise Conflict("A colleague changed the team meanwhile. Look at it as it is now and repeat.", fresh=membership)


def _end(session: Session, membership: Membership, action: str, actor: Actor, now: datetime) -> None:
    if membership.role is CompanyRole.OWNER:
        keep_an_owner(session, membership)
    membership.ended_at = now
    session.flush()
    record(session, actor, action, ("membership", membership.id), now, before=membership.role.value)


def keep_an_owner(session: Session, leaving: Membership) -> None:
    """Refuse to lose the last owner. Whose account is suspended cannot act for the company: they do not count."""
    others = (
        select(Membership.id)
        .join(Membership.user)
        .where(
            Membership.company_id == leaving.company_id, Membership.id != leaving.id, Membership.ended_at.is_(None),
            Membership.role == CompanyRole.OWNER, User.suspended_at.is_(None),
        )
        .limit(1)
    )
    if session.scalar(others) is None:
        raise Invalid(
            "A company needs an owner. Make a colleague an owner first, then repeat.",
            {"role": "This is the last owner."},
        )
