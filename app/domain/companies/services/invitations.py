"""Asking somebody by mail to join a company, and their answer."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, Gone, Invalid
from app.domain.accounts.identity import checked_email, email_key, same_mailbox, token_again, token_hash
from app.domain.accounts.models import User
from app.domain.audit.services import record
from app.domain.companies.models import Company, CompanyRole, Invitation, Membership
from app.domain.companies.policies import Permission
from app.domain.companies.queries import MOST_OPEN, invitation_by_token, open_invitations
from app.domain.companies.services.founding import join
from app.domain.companies.services.membership import checked_role, hold_team
from app.domain.mail.services import cancel, owe

LIFE = timedelta(days=7)
MOST_SENT = 5
PAUSE = timedelta(minutes=2)
"""Between two mails about one invitation."""


def invite(session: Session, company_id: int, email: str, role: str, actor: Actor, now: datetime) -> Invitation:
    """Ask the person with this address to join; the team is held by the caller. Asked twice alike, the same row.

    Raises Invalid for a bad address or role, at a suspended company, for a member already, somebody asked for another
    role, or too many open ones.
    """
    wanted, address = checked_role(role), checked_email(email)
    if session.get_one(Company, company_id).suspended_at is not None:
        raise Invalid("The board suspended this company: nobody can join it until that is over.")
    key = email_key(address)
    _refuse_member(session, company_id, key)
    known = session.scalar(open_invitations(company_id).where(Invitation.email_key == key))
    if known is not None and known.expires_at > now:
        if known.role is wanted:
            return known
        raise Invalid(
            "This person is asked already.",
            {"email": f"They are asked to be {known.role.value}. Take that back first to ask for another role."},
        )
    if known is not None:
        known.revoked_at = now
        session.flush()
    number = select(func.count()).select_from(open_invitations(company_id).subquery())
    if (session.scalar(number) or 0) >= MOST_OPEN:
        raise Invalid(f"{MOST_OPEN} invitations wait already. Take some back first.", {"email": "Too many wait."})
    invitation = Invitation(
        company_id=company_id, email=address, email_key=key, role=wanted, invited_by_id=actor.user_id, created_at=now,
        asked_at=now, expires_at=now + LIFE, times_sent=1,
    )
    session.add(invitation)
    session.flush()
    record(session, actor, "invitation.create", ("invitation", invitation.id), now, after=wanted.value)
    _owe(session, invitation, now)
    return invitation


def for_owner(session: Session, invitation_id: int, actor: Actor) -> Invitation:
    """An invitation for those who may change the team, which is held. Raises NotFound, Forbidden."""
    company_id = session.scalar(select(Invitation.company_id).where(Invitation.id == invitation_id))
    hold_team(session, company_id, actor, Permission.COMPANIES_TEAM_EDIT)
    query = select(Invitation).where(Invitation.id == invitation_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def send_again(session: Session, invitation: Invitation, version: int, actor: Actor, now: datetime) -> None:
    """Send a fresh mail, good for `LIFE` from now; the link in the mail before it is dead once the new one left.

    Raises Conflict where `version` is stale, Invalid once it is answered, sent too often or a moment ago.
    """
    _check(invitation, version)
    if invitation.times_sent >= MOST_SENT:
        raise Invalid(f"This invitation was sent {MOST_SENT} times. Ask the person, or take it back and start anew.")
    if now - invitation.asked_at < PAUSE:
        raise Invalid("This invitation was sent a moment ago. Wait two minutes before sending it again.")
    cancel(session, _key(invitation))
    invitation.times_sent += 1
    invitation.asked_at, invitation.expires_at = now, now + LIFE
    session.flush()
    record(session, actor, "invitation.send", ("invitation", invitation.id), now)
    _owe(session, invitation, now)


def revoke(session: Session, invitation: Invitation, actor: Actor, now: datetime) -> None:
    """Take an invitation back; asked twice, it changes nothing. Raises Conflict once it is accepted."""
    if invitation.revoked_at is not None:
        return
    if invitation.accepted_at is not None:
        raise Conflict("This person has joined meanwhile. Remove them from the team instead.", fresh=invitation)
    invitation.revoked_at = now
    cancel(session, _key(invitation))
    session.flush()
    record(session, actor, "invitation.revoke", ("invitation", invitation.id), now)


def mint(session: Session, invitation: Invitation, key: bytes) -> str:
    """The token the mail that is leaving carries, 256 bits; the row keeps its hash.

    A mail that has to be tried again carries the same one, so that whichever copy arrives is good.
    """
    token = token_again(key, f"invitation:{invitation.id}:{invitation.times_sent}")
    if invitation.token_hash != token_hash(token):
        invitation.token_hash = token_hash(token)
        session.flush()
    return token


def accept(session: Session, token: str, actor: Actor, now: datetime) -> Invitation:
    """Join by a mailed link, as the person it was mailed to: having the link proves that the address is theirs.

    Done already by the same person, it changes nothing. Raises NotFound, Gone; Forbidden to anybody else.
    """
    invitation = invitation_by_token(session, token, now, lock=True)
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None or not same_mailbox(user.email, invitation.email):
        raise Forbidden("This invitation is for another address. Sign in with the one it was mailed to.")
    if invitation.accepted_at is not None:
        if invitation.accepted_by_id == user.id:
            return invitation
        raise Gone("This invitation was used already.")
    invitation.accepted_at, invitation.accepted_by_id = now, user.id
    if user.email_verified_at is None:
        user.email_verified_at = now
    if _living(session, invitation.company_id, invitation.email_key) is None:
        join(session, user, invitation.company, CompanyRole(invitation.role), now)
    session.flush()
    record(session, actor, "invitation.accept", ("invitation", invitation.id), now, after=invitation.role.value)
    return invitation


def _living(session: Session, company_id: int, key: str) -> int | None:
    return session.scalar(
        select(Membership.id)
        .join(Membership.user)
        .where(Membership.company_id == company_id, Membership.ended_at.is_(None), User.email_key == key)
    )


def _refuse_member(session: Session, company_id: int, key: str) -> None:
    if _living(session, company_id, key) is not None:
        raise Invalid("This person is on the team.", {"email": "This person is on the team already."})


def _check(invitation: Invitation, version: int) -> None:
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise Conflict("This invitation is answered or taken back. Look at the team as it is now.", fresh=invitation)
    if invitation.version != version:
        raise Conflict("A colleague changed this invitation meanwhile. Look at it and repeat.", fresh=invitation)


def _key(invitation: Invitation) -> str:
    return f"invitation:{invitation.id}:{invitation.times_sent}"


def _owe(session: Session, invitation: Invitation, now: datetime) -> None:
    owe(
        session, "company-invitation", invitation.email, _key(invitation), now, invitation_id=invitation.id,
        times_sent=invitation.times_sent,
    )
