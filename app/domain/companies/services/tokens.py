"""Tokens of programs: made by people who sign in, shown once, revoked by whoever made them."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.lines import one_line
from app.domain.accounts.identity import token_again, token_hash
from app.domain.audit.services import record
from app.domain.companies.models import ApiToken
from app.domain.companies.policies import Permission, Scope, require
from app.domain.companies.queries import tokens_of

MOST, LONGEST_DAYS = 50, 366
"""Living tokens of a person, and days that one is good for."""
KEPT = timedelta(days=30)
"""How long a token that ended is remembered: till then its number names it to whoever reads the log."""
_PREFIX = "nxs_"
"""By which leaked tokens are found in texts."""


def create_token(
    session: Session, name: str, scopes: Collection[str], company_slug: str | None, days: int, secret: str,
    actor: Actor, now: datetime,
) -> ApiToken:
    """A new token for a program that acts for the actor, at one of their companies or everywhere, shown by `secret`.

    Raises Forbidden to programs, Invalid with what is wrong field by field.
    """
    user_id = maker(actor)
    wrong = _wrong(name, scopes, days, actor)
    belonging = next((one for one in actor.memberships if one.company_slug == company_slug), None)
    if company_slug and belonging is None:
        wrong["company"] = "You do not belong to a company of this address."
    if len(tokens_of(session, user_id, now)) >= MOST:
        wrong["name"] = f"You have {MOST} tokens. Revoke one that is not needed any more."
    if wrong:
        raise Invalid("The token cannot be made.", wrong)
    token = ApiToken(
        user_id=user_id, company_id=belonging.company_id if belonging else None, name=one_line(name),
        token_hash=token_hash(secret), hint=secret[:8], scopes=" ".join(sorted(set(scopes))), created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    record(session, actor, "token.create", ("token", token.id), now)
    return token


def secret_of(board_key: bytes, key: str, user_id: int, made_at: datetime) -> str:
    """What shows a token, 256 bits behind a prefix: random, but under a `key` that its maker repeats the same again."""
    if not key:
        return _PREFIX + secrets.token_urlsafe(32)
    return _PREFIX + token_again(board_key, f"token secret\0{user_id} {made_at.isoformat()} {key}")


def secret_again(board_key: bytes, key: str, token: ApiToken) -> str:
    """What shows a living token that was made under `key`. Raises Conflict where it ended, or cannot be told again."""
    secret = secret_of(board_key, key, token.user_id, token.created_at)
    if token.revoked_at is not None or token.token_hash != token_hash(secret):
        raise Conflict(f"This made token {token.id} before, which is revoked or cannot be shown again. Make another.")
    return secret


def maker(actor: Actor) -> int:
    """Whose tokens this actor may make: their own, where they signed in. Raises Forbidden to programs."""
    if actor.user_id is None or actor.how != "session":
        raise Forbidden("Tokens are made by people who sign in, not by other tokens.")
    return actor.user_id


def _wrong(name: str, scopes: Collection[str], days: int, actor: Actor) -> dict[str, str]:
    wrong = {}
    if not 0 < len(one_line(name)) <= 80:
        wrong["name"] = "Say what the token is for, in 80 characters at the most."
    unknown = set(scopes) - set(Scope)
    if unknown or not scopes:
        wrong["scopes"] = f"Choose from {', '.join(Scope)}."
    elif Scope.ADMIN in scopes and not actor.is_admin:
        wrong["scopes"] = "Only admins may have a token for what admins do."
    if not 1 <= days <= LONGEST_DAYS:
        wrong["days"] = f"A token is good for 1 to {LONGEST_DAYS} days."
    return wrong


def revoke_token(session: Session, token_id: int, actor: Actor, now: datetime) -> None:
    """End a token of the actor's own for good; once more changes nothing. Raises NotFound for any other."""
    mine = select(ApiToken.id).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id)
    if actor.user_id is None or session.scalar(mine) is None:
        raise NotFound
    _revoke(session, token_id, actor, now)


def revoke_of_company(session: Session, token_id: int, actor: Actor, now: datetime) -> None:
    """End a token that is bound to a company, as its owner may; once more changes nothing.

    Raises NotFound to strangers and for tokens bound to none, Forbidden to a colleague without the right.
    """
    company_id = session.scalar(select(ApiToken.company_id).where(ApiToken.id == token_id))
    require(actor, Permission.COMPANIES_TEAM_EDIT, company_id)
    _revoke(session, token_id, actor, now)


def _revoke(session: Session, token_id: int, actor: Actor, now: datetime) -> None:
    ended = session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    if ended.first() is not None:
        record(session, actor, "token.revoke", ("token", token_id), now)


def forget_tokens(session: Session, user_id: int) -> None:
    """Take away every token of somebody who leaves: their names are that person's words."""
    session.execute(delete(ApiToken).where(ApiToken.user_id == user_id))


def forget_ended(session: Session, now: datetime, limit: int) -> int:
    """Forget tokens that ended or were revoked some time ago; how many they were, at most `limit`."""
    before = now - KEPT
    ended = or_(ApiToken.expires_at <= before, ApiToken.revoked_at <= before)
    old = select(ApiToken.id).where(ended).limit(limit)
    return len(session.execute(delete(ApiToken).where(ApiToken.id.in_(old)).returning(ApiToken.id)).all())


def used(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token is in use."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))
