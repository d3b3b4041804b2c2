"""What admins do to a person: suspend, restore, make an admin or no longer one. Once, with a reason, told, audited."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.domain.accounts.models import User, UserSession
from app.domain.audit import queries as audit
from app.domain.audit.services import checked_reason, record
from app.domain.mail.services import owe

ACTIONS = ("suspend", "restore", "make-admin", "unmake-admin")


def locked(session: Session, user_id: int) -> User:
    """A person's row, held until the transaction ends, with the rows of all admins. Raises NotFound.

    They are taken in one order: two admins who unmake each other come one after the other.
    """
    query = select(User).where(or_(User.id == user_id, User.is_admin)).order_by(User.id).with_for_update()
    user = next((user for user in session.scalars(query) if user.id == user_id), None)
    if user is None:
        raise NotFound
    return user


def admin_act(
    session: Session, user: User, action: str, version: int, actor: Actor, reason: str, now: datetime
) -> User:
    """Do one of `ACTIONS`; what is so already changes nothing. Suspension ends every session; companies stay.

    Raises Conflict (fresh: the person) where `version` is stale; Invalid where the act is on oneself or on a closed
    account, would leave the board without an admin, or lacks its reason.
    """
    if action not in ACTIONS:
        raise Invalid("There is no such act.", {"action": "Choose one of: " + ", ".join(ACTIONS) + "."})
    logged = f"user.{action.replace('-', '_')}"
    if _is_so(user, action) and (audit.repeats(session, ("user", user.id), logged, actor) or user.version == version):
        return user
    if user.version != version:
        raise Conflict("Somebody changed this account meanwhile. Look at it as it is now and repeat.", fresh=user)
    _check(session, user, action, actor)
    reason = checked_reason(reason, "the person", needed=action == "suspend")
    if action in ("suspend", "restore"):
        user.suspended_at = now if action == "suspend" else None
    else:
        user.is_admin = action == "make-admin"
    entry = record(session, actor, logged, ("user", user.id), now, reason=reason)
    session.flush()
    if action == "suspend":
        living = (UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        session.execute(update(UserSession).where(*living).values(revoked_at=now))
    if action in ("suspend", "restore"):
        owe(
            session, f"account_{action}", user.email, f"{logged}:{entry.id}", now, user_id=user.id, audit_id=entry.id
        )
    return user


def _is_so(user: User, action: str) -> bool:
    if action in ("suspend", "restore"):
        return (user.suspended_at is not None) is (action == "suspend")
    return user.is_admin is (action == "make-admin")


def _check(session: Session, user: User, action: str, actor: Actor) -> None:
    if user.id == actor.user_id:
        raise Invalid("Nobody does this to their own account. Ask another admin.")
    if user.closed_at is not None:
        raise Invalid("This account is closed: nobody signs in with it any more.")
    if action in ("suspend", "unmake-admin") and user.is_admin and not _other_admins(session, user):
        raise Invalid("This is the board's last admin. Make somebody else an admin first.")
    if action == "make-admin" and user.suspended_at is not None:
        raise Invalid("This account is suspended. Restore it first.")


def _other_admins(session: Session, user: User) -> bool:
    others = (User.is_admin, User.suspended_at.is_(None), User.closed_at.is_(None), User.id != user.id)
    return session.scalar(select(User.id).where(*others).limit(1)) is not None
