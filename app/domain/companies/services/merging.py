"""One company becoming part of another, for good: a double, or a company that was taken over."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid, NotFound
from app.core.events import company_changed, company_merged
from app.domain.audit.services import record
from app.domain.companies.models import Company, Invitation, Membership
from app.domain.companies.queries import team_sizes
from app.domain.companies.services.profile import check_version


def pair(session: Session, company_id: int, into_id: int) -> tuple[Company, Company]:
    """Both companies, held until the transaction ends. Raises NotFound."""
    query = select(Company).where(Company.id.in_((company_id, into_id))).order_by(Company.id).with_for_update()
    rows = {row.id: row for row in session.scalars(query)}
    if company_id not in rows or into_id not in rows:
        raise NotFound
    return rows[company_id], rows[into_id]


def merge(
    session: Session, company: Company, into: Company, versions: tuple[int, int], actor: Actor, now: datetime,
    *, confirmed: bool = False,
) -> Company:
    """Make `company` part of `into`: its postings and members move, its address leads there. Done already: nothing.

    `versions` are those of both, in this order. What applicants kept of a posting keeps the old name.
    Raises Conflict where one of them is stale; Invalid where they cannot be merged, or both have members and that was
    not `confirmed`.
    """
    if company.merged_into_id == into.id:
        return into
    if company.id == into.id:
        raise Invalid("A company cannot become part of itself.", {"into": "Choose another company."})
    if company.merged_into_id or into.merged_into_id:
        raise Invalid("One of the two became part of another company already.", {"into": "Choose another company."})
    check_version(company, versions[0])
    check_version(into, versions[1])
    sizes = team_sizes(session, [company.id, into.id])
    if len(sizes) == 2 and not confirmed:
        message = "Both companies have members: each would see the applicants of the other."
        raise Invalid(message, {"confirmed": "Tick the box where both know of it."})
    _move_members(session, company, into, now)
    session.execute(update(Company).where(Company.merged_into_id == company.id).values(merged_into_id=into.id))
    company.merged_into_id = into.id
    company.suspended_at = company.suspended_at or now
    record(session, actor, "company.merge", ("company", company.id), now, after=str(into.id))
    session.flush()
    company_merged.send("companies", session=session, company_id=company.id, into_id=into.id, now=now)
    company_changed.send("companies", session=session, company_id=company.id, now=now)
    company_changed.send("companies", session=session, company_id=into.id, now=now)
    return into


def _move_members(session: Session, company: Company, into: Company, now: datetime) -> None:
    """Living memberships move; who belongs to both keeps the one at `into`. Invitations end."""
    living = select(Membership).where(Membership.ended_at.is_(None))
    known = set(session.scalars(living.where(Membership.company_id == into.id).with_only_columns(Membership.user_id)))
    for membership in session.scalars(living.where(Membership.company_id == company.id).with_for_update()):
        if membership.user_id in known:
            membership.ended_at = now
        else:
            membership.company_id = into.id
    session.execute(
        update(Invitation)
        .where(
            Invitation.company_id == company.id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
        )
        .values(revoked_at=now)
    )
