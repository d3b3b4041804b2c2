"""What the admin's tables read: every posting, the review queue, and what may be done to each."""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.core.errors import NotFound
from app.core.folding import holds
from app.domain.accounts.models import User
from app.domain.audit import queries as audit
from app.domain.companies.models import Company
from app.domain.postings.models import Category, Posting, PostingPlace, PostingStatus
from app.domain.postings.queries import in_state
from app.domain.postings.transitions import Mover, find, status_at


class Sort(enum.StrEnum):
    """Orders of the admin's table."""

    NEWEST = "newest"
    CHANGED = "changed"
    TITLE = "title"


class Flag(enum.StrEnum):
    """What a posting can be besides its status."""

    FROZEN = "frozen"
    SCHEDULED = "scheduled"
    FEATURED = "featured"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which postings, in which order. Every word must stand in the title or the company's name."""

    words: tuple[str, ...] = ()
    state: PostingStatus | Flag | None = None
    sort: Sort = Sort.NEWEST
    posting_id: int | None = None
    company_id: int | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for an admin."""

    pending: int
    frozen: int
    published: int


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a posting last, and how; no name where the system did."""

    who: str | None
    action: str
    at: datetime

    @property
    def deed(self) -> str:
        """What was done, in words; who begins a draft goes on typing under the same entry, so that is an edit."""
        return "edit" if self.action == "posting.create" else self.action.removeprefix("posting.").replace("_", " ")


_KEYS: dict[Sort, tuple[Any, ...]] = {
    Sort.NEWEST: (Posting.id.desc(),),
    Sort.CHANGED: (Posting.updated_at.desc(), Posting.id.desc()),
    Sort.TITLE: (Posting.title.asc(), Posting.id.asc()),
}
_TARGETS = {
    "approve": PostingStatus.PUBLISHED,
    "request-changes": PostingStatus.CHANGES_REQUESTED,
    "reject": PostingStatus.REJECTED,
    "remove": PostingStatus.REMOVED,
}


_WHOLE: tuple[ORMOption, ...] = (
    joinedload(Posting.company), joinedload(Posting.category),
    selectinload(Posting.places).selectinload(PostingPlace.place),
    selectinload(Posting.countries), selectinload(Posting.questions),
)


def _brief() -> tuple[ORMOption, ...]:
    return (
        defer(Posting.description_md, raiseload=True),
        defer(Posting.description_html, raiseload=True),
        defer(Posting.description_text, raiseload=True),
    )


def _row() -> tuple[ORMOption, ...]:
    return (joinedload(Posting.company), joinedload(Posting.category), *_brief())


def _matching(asked: Asked, now: datetime) -> Select[Posting]:
    query = select(Posting).outerjoin(Company, Company.id == Posting.company_id)
    for word in asked.words:
        query = query.where(or_(holds(Posting.title, word), holds(Company.name, word)))
    if asked.posting_id is not None:
        query = query.where(Posting.id == asked.posting_id)
    if asked.company_id is not None:
        query = query.where(Posting.company_id == asked.company_id)
    if asked.category:
        query = query.where(Posting.category_id.in_(select(Category.id).where(Category.slug == asked.category)))
    if asked.state is Flag.SCHEDULED:
        return query.where(in_state(PostingStatus.PUBLISHED, now), Posting.published_at > now)
    if asked.state is Flag.FROZEN:
        return query.where(Posting.frozen_at.is_not(None))
    if asked.state is Flag.FEATURED:
        return query.where(Posting.featured_at.is_not(None))
    return query.where(in_state(asked.state, now)) if asked.state else query


def _after(sort: Sort, left: list[Any]) -> ColumnElement[bool]:
    if sort is Sort.NEWEST:
        return and_(Posting.id < left[0])
    if sort is Sort.TITLE:
        same = and_(Posting.title == left[0], Posting.id > left[1])
        return or_(Posting.title > left[0], same)
    then = datetime.fromisoformat(left[0])
    return or_(Posting.updated_at < then, and_(Posting.updated_at == then, Posting.id < left[1]))


def left_at(posting: Posting, sort: Sort) -> list[Any]:
    """The values, fit for JSON, at which a page in this order that ends with `posting` is left."""
    if sort is Sort.NEWEST:
        return [posting.id]
    key = posting.title if sort is Sort.TITLE else posting.updated_at.isoformat()
    return [key, posting.id]


def page(
    session: Session, asked: Asked, left: list[Any] | None, limit: int, now: datetime
) -> list[Posting]:
    """Postings as asked, without their texts, at most `limit` + 1. `left` is what `left_at` gave."""
    query = _matching(asked, now).options(contains_eager(Posting.company), joinedload(Posting.category), *_brief())
    query = query.order_by(*_KEYS[asked.sort]).limit(limit + 1)
    if left is not None:
        query = query.where(_after(asked.sort, left))
    return list(session.scalars(query))


def row(session: Session, posting_id: int) -> Posting:
    """One posting as the table shows it. Raises NotFound."""
    query = select(Posting).where(Posting.id == posting_id).options(*_row())
    posting = session.scalar(query)
    if posting is None:
        raise NotFound
    return posting


def rows(session: Session, posting_ids: Collection[int]) -> list[Posting]:
    """These postings as the table shows them."""
    query = select(Posting).where(Posting.id.in_(posting_ids)).options(*_row())
    return list(session.scalars(query))


def locked(session: Session, posting_id: int) -> Posting:
    """One posting, held until the transaction ends. Raises NotFound."""
    posting = session.scalar(select(Posting).where(Posting.id == posting_id).with_for_update(of=Posting))
    if posting is None:
        raise NotFound
    return posting


def queue(session: Session, left: list[Any] | None, limit: int, now: datetime) -> list[Posting]:
    """Postings waiting for review with all that is in them, the longest waiting first, at most `limit` + 1.

    `left` is what `queued_at` gave.
    """
    query = (
        select(Posting)
        .where(in_state(PostingStatus.PENDING, now))
        .options(*_WHOLE)
        .order_by(_submitted(), Posting.id)
        .limit(limit + 1)
    )
    if left is not None:
        then = datetime.fromisoformat(left[0])
        query = query.where(or_(_submitted() > then, and_(_submitted() == then, Posting.id > left[1])))
    return list(session.scalars(query))


def in_review(session: Session, posting_id: int) -> Posting:
    """One posting with all that is in it, as the queue shows it. Raises NotFound."""
    posting = session.scalar(select(Posting).where(Posting.id == posting_id).options(*_WHOLE))
    if posting is None:
        raise NotFound
    return posting


def queued_at(posting: Posting) -> list[Any]:
    """The values, fit for JSON, at which a page of the queue that ends with `posting` is left."""
    return [(posting.submitted_at or posting.created_at).isoformat(), posting.id]


def _submitted() -> ColumnElement[datetime]:
    return func.coalesce(Posting.submitted_at, Posting.created_at)


def counts(session: Session, now: datetime) -> Counts:
    """How many postings wait for review, are frozen, are published."""
    by_status = func.count().filter
    pending, published, frozen = session.execute(
        select(
            by_status(in_state(PostingStatus.PENDING, now)),
            by_status(in_state(PostingStatus.PUBLISHED, now)),
            by_status(Posting.frozen_at.is_not(None)),
        ).select_from(Posting)
    ).one()
    return Counts(pending=pending, frozen=frozen, published=published)


def offers(posting: Posting, now: datetime) -> tuple[str, ...]:
    """The admin's acts that are legal on this posting at `now`, as the transition table and its flags say."""
    status = status_at(posting, now)
    moves = [act for act, after in _TARGETS.items() if find(status, after, Mover.ADMIN)]
    if posting.status is PostingStatus.REMOVED:
        return tuple(moves)
    return (
        *moves,
        "unfreeze" if posting.frozen else "freeze",
        "unfeature" if posting.featured else "feature",
    )


def last_change(session: Session, posting_id: int) -> Change | None:
    """The last act on this posting in the audit log, with its actor's name."""
    entry = audit.latest(session, ("posting", posting_id))
    if entry is None:
        return None
    who = session.scalar(select(User.name).where(User.id == entry.actor_id)) if entry.actor_id else None
    return Change(who=who, action=entry.action, at=entry.at)
