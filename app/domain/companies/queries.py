"""Reading companies and who belongs to them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.core.actor import Actor, Belonging
from app.core.db import lock_rows
from app.core.errors import Gone, NotFound
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import User, UserSession
from app.domain.accounts.queries import session_by_id, session_by_token
from app.domain.companies.models import ApiToken, Company, CompanyRole, Invitation, Membership

MOST_OPEN = 50
"""Invitations of a company that may be open at once."""


def actor_by_session(session: Session, token: str, now: datetime) -> Actor | None:
    """The actor behind a session's token, with their living memberships, oldest first."""
    return _signed_in(session, session_by_token(session, token, now))


def actor_by_session_id(session: Session, session_id: int, now: datetime) -> Actor | None:
    """The same by the session's id, which a short-lived access token names."""
    return _signed_in(session, session_by_id(session, session_id, now))


def actor_by_token(session: Session, token: str, now: datetime) -> Actor | None:
    """The actor behind a program's token, with what it is for; of a company's token with that membership alone.

    None once it is over or revoked, its person is suspended or gone, or no longer belongs to the company.
    """
    found = session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .options(joinedload(ApiToken.user))
        .where(
            ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now,
            User.suspended_at.is_(None), User.closed_at.is_(None),
        )
    )
    if found is None:
        return None
    memberships = _memberships(session, found.user_id)
    if found.company_id is not None:
        memberships = tuple(one for one in memberships if one.company_id == found.company_id)
        if not memberships:
            return None
    return replace(
        _person(found.user), memberships=memberships, how="token", token_id=found.id,
        scopes=frozenset(found.scopes.split()), seen_at=found.last_used_at,
    )


def _signed_in(session: Session, found: UserSession | None) -> Actor | None:
    if found is None:
        return None
    return replace(
        _person(found.user), memberships=_memberships(session, found.user_id), how="session", session_id=found.id,
        seen_at=found.last_seen_at,
    )


def _person(user: User) -> Actor:
    return Actor(
        user_id=user.id, name=user.name, email=user.email, is_admin=user.is_admin,
        email_verified=user.email_verified_at is not None, second_factor=user.second_factor_at is not None,
    )


def _memberships(session: Session, user_id: int) -> tuple[Belonging, ...]:
    rows = session.execute(
        select(Membership.company_id, Company.slug, Company.name, Membership.role)
        .join(Membership.company)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
    )
    return tuple(Belonging(id_, slug, name, role.value) for id_, slug, name, role in rows)


def tokens_of(session: Session, user_id: int, now: datetime) -> list[ApiToken]:
    """A person's living tokens, newest first; they are few."""
    return list(
        session.scalars(
            select(ApiToken)
            .options(joinedload(ApiToken.company))
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
            .order_by(ApiToken.id.desc())
        )
    )


def tokens_at(session: Session, company_id: int, now: datetime) -> list[ApiToken]:
    """Living tokens that are bound to a company, of its living members, newest first."""
    membership = and_(
        Membership.user_id == ApiToken.user_id, Membership.company_id == company_id, Membership.ended_at.is_(None)
    )
    return list(
        session.scalars(
            select(ApiToken)
            .join(Membership, membership)
            .options(joinedload(ApiToken.user))
            .where(ApiToken.company_id == company_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
            .order_by(ApiToken.id.desc())
            .limit(500)
        )
    )


def by_slug(session: Session, slug: str) -> Company:
    """A company people may look at. Raises NotFound where there is none, or it is suspended."""
    company = session.scalar(select(Company).where(Company.slug == slug, Company.suspended_at.is_(None)))
    if company is None:
        raise NotFound("There is no such company here.")
    return company


def by_slugs(session: Session, slugs: Collection[str]) -> list[Company]:
    """Those of these companies people may look at."""
    return list(session.scalars(select(Company).where(Company.slug.in_(slugs), Company.suspended_at.is_(None))))


def merged_slugs(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """For those of these companies that became part of another: the other's address."""
    into = aliased(Company)
    query = select(Company.slug, into.slug).join(into, Company.merged_into_id == into.id)
    return dict(session.execute(query.where(Company.slug.in_(slugs))).all())


def by_id(session: Session, company_id: int) -> Company:
    """A company for its own members, suspended or not. Raises NotFound."""
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company


def directory(session: Session, after_slug: str | None, limit: int) -> list[Company]:
    """Companies by slug, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(Company).where(Company.suspended_at.is_(None)).order_by(Company.slug).limit(limit + 1)
    if after_slug:
        query = query.where(Company.slug > after_slug)
    return list(session.scalars(query))


def team(session: Session, company_id: int) -> list[Membership]:
    """Living memberships of a company with their people, oldest first."""
    return list(
        session.scalars(
            select(Membership)
            .options(joinedload(Membership.user))
            .where(Membership.company_id == company_id, Membership.ended_at.is_(None))
            .order_by(Membership.id)
            .limit(500)
        )
    )


def held(session: Session, company_id: int) -> int:
    """The company, or the one it became part of meanwhile, held until the commit: a merge takes along what is added.

    Raises NotFound.
    """
    row = select(Company.id, Company.merged_into_id).where(Company.id == company_id).with_for_update(read=True)
    found = session.execute(row).one_or_none()
    if found is None:
        raise NotFound
    return found.id if found.merged_into_id is None else held(session, found.merged_into_id)


def team_sizes(session: Session, company_ids: list[int]) -> dict[int, int]:
    """How many living members each of these companies has; one without members is left out."""
    rows = session.execute(
        select(Membership.company_id, func.count())
        .where(Membership.company_id.in_(company_ids), Membership.ended_at.is_(None))
        .group_by(Membership.company_id)
    )
    return dict(rows.all())


def owned_alone(session: Session, user_id: int) -> list[Company]:
    """Companies this person is the only living owner of, held until the commit: two owners cannot both be the last."""
    mine = select(Membership.company_id).where(
        Membership.user_id == user_id, Membership.role == CompanyRole.OWNER, Membership.ended_at.is_(None)
    )
    lock_rows(session, select(Company.id).where(Company.id.in_(mine)).order_by(Company.id))
    other = aliased(Membership)
    another = select(other.id).join(User, User.id == other.user_id).where(
        other.company_id == Company.id, other.user_id != user_id, other.role == CompanyRole.OWNER,
        other.ended_at.is_(None), User.suspended_at.is_(None), User.closed_at.is_(None),
    )
    return list(session.scalars(select(Company).where(Company.id.in_(mine), ~another.exists()).order_by(Company.id)))


def invitation_by_token(session: Session, token: str, now: datetime, *, lock: bool = False) -> Invitation:
    """The invitation behind a mailed link. Raises NotFound, or Gone once it was used, taken back or too late."""
    query = select(Invitation).where(Invitation.token_hash == token_hash(token))
    if lock:
        query = query.with_for_update(of=Invitation)
    invitation = session.scalar(query.options(joinedload(Invitation.company), joinedload(Invitation.invited_by)))
    if invitation is None:
        raise NotFound("There is no such invitation. A newer mail may have replaced this link.")
    if invitation.revoked_at is not None or invitation.company.suspended_at is not None:
        raise Gone("This invitation was taken back. Ask whoever invited you.")
    if invitation.accepted_at is None and invitation.expires_at <= now:
        raise Gone("This invitation is over seven days old. Ask for a new one.")
    return invitation


def invitations_waiting(session: Session, company_id: int) -> list[Invitation]:
    """Invitations neither answered nor taken back, newest first; those past their time too, to be sent again."""
    query = open_invitations(company_id).options(joinedload(Invitation.invited_by)).order_by(Invitation.id.desc())
    return list(session.scalars(query.limit(MOST_OPEN)))


def open_invitations(company_id: int) -> Select[Invitation]:
    """Those of a company that are neither answered nor taken back."""
    return select(Invitation).where(
        Invitation.company_id == company_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
