"""What the admin's tables of people and companies read."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.core.errors import NotFound
from app.core.folding import holds
from app.domain.accounts.models import User, UserSession
from app.domain.companies.models import Company, Membership


class People(enum.StrEnum):
    """Some of the people."""

    ADMINS = "admins"
    EMPLOYERS = "employers"
    SUSPENDED = "suspended"
    UNVERIFIED = "unverified"


class Companies(enum.StrEnum):
    """Some of the companies."""

    TRUSTED = "trusted"
    SUSPENDED = "suspended"
    WITHOUT_MEMBERS = "without_members"
    MERGED = "merged"


class Sort(enum.StrEnum):
    """Orders of both tables."""

    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows, in which order. Every word must stand in one of the row's texts."""

    words: tuple[str, ...] = ()
    show: str = ""
    sort: Sort = Sort.NEWEST


def _member(column: Any) -> ColumnElement[bool]:
    return exists().where(column, Membership.ended_at.is_(None))


_PEOPLE: dict[str, ColumnElement[bool]] = {
    People.ADMINS: User.is_admin.is_(True),
    People.EMPLOYERS: _member(Membership.user_id == User.id),
    People.SUSPENDED: User.suspended_at.is_not(None),
    People.UNVERIFIED: and_(User.email_verified_at.is_(None), User.closed_at.is_(None)),
}
_COMPANIES: dict[str, ColumnElement[bool]] = {
    Companies.TRUSTED: Company.trusted.is_(True),
    Companies.SUSPENDED: and_(Company.suspended_at.is_not(None), Company.merged_into_id.is_(None)),
    Companies.WITHOUT_MEMBERS: and_(~_member(Membership.company_id == Company.id), Company.merged_into_id.is_(None)),
    Companies.MERGED: Company.merged_into_id.is_not(None),
}


def left_at(row: User | Company, sort: Sort) -> list[Any]:
    """The values, fit for JSON, at which a page in this order that ends with `row` is left."""
    return [row.id] if sort is Sort.NEWEST else [row.name, row.id]


def _page(
    session: Session, model: Any, texts: Sequence[Any], shows: dict[str, ColumnElement[bool]], asked: Asked,
    left: list[Any] | None, limit: int,
) -> list[Any]:
    by_name = asked.sort is Sort.NAME
    query = select(model).order_by(*((model.name, model.id) if by_name else (model.id.desc(),))).limit(limit + 1)
    for word in asked.words:
        query = query.where(or_(*(holds(text, word) for text in texts)))
    if asked.show:
        query = query.where(shows[asked.show])
    if left is not None and by_name:
        query = query.where(or_(model.name > left[0], and_(model.name == left[0], model.id > left[1])))
    elif left is not None:
        query = query.where(model.id < left[0])
    return list(session.scalars(query))


def people(session: Session, asked: Asked, left: list[Any] | None, limit: int) -> list[User]:
    """People as asked, by name or address, at most `limit` + 1. `left` is what `left_at` gave."""
    return _page(session, User, (User.name, User.email), _PEOPLE, asked, left, limit)


def companies(session: Session, asked: Asked, left: list[Any] | None, limit: int) -> list[Company]:
    """Companies as asked, by name or address, at most `limit` + 1. `left` is what `left_at` gave."""
    return _page(session, Company, (Company.name, Company.slug), _COMPANIES, asked, left, limit)


def person(session: Session, user_id: int) -> User:
    """One person. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def memberships(session: Session, user_id: int) -> list[Membership]:
    """A person's memberships with their companies, living ones first, the latest 100."""
    query = select(Membership).options(joinedload(Membership.company)).where(Membership.user_id == user_id)
    return list(session.scalars(query.order_by(Membership.ended_at.is_not(None), Membership.id.desc()).limit(100)))


def sessions(session: Session, user_id: int, now: datetime) -> int:
    """In how many browsers the person is signed in."""
    living = (UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > now)
    return session.scalar(select(func.count()).select_from(UserSession).where(*living)) or 0
