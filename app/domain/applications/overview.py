"""A company's postings with what came of them: views, applications, how many wait."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session, defer, joinedload

from app.core.db import BigId, UTCDateTime
from app.domain.applications.models import Application
from app.domain.applications.transitions import OPEN
from app.domain.postings.models import Posting, PostingStatus, PostingViews
from app.domain.postings.queries import in_state
from app.domain.postings.transitions import TIMED

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Sort(enum.StrEnum):
    """Orders of the employer's table."""

    NEWEST = "newest"
    EXPIRING = "expiring"
    APPLICATIONS = "applications"
    VIEWS = "views"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which postings of a company, in which order. Every word must stand in the title."""

    company_id: int
    words: tuple[str, ...] = ()
    status: PostingStatus | None = None
    sort: Sort = Sort.NEWEST


class Overview(NamedTuple):
    """A posting with its figures; `waiting` counts applications without an outcome."""

    posting: Posting
    views: int
    applications: int
    waiting: int


def _of(posting: Any, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted = select(func.count()).select_from(Application)
    return counted.where(Application.posting_id == posting, *conditions).scalar_subquery()


_VIEWS = (
    select(func.coalesce(func.sum(PostingViews.views), 0))
    .where(PostingViews.posting_id == Posting.id)
    .correlate(Posting)
    .scalar_subquery()
)
_APPLICATIONS = _of(Posting.id)
_WAITING = _of(Posting.id, Application.stage.in_(OPEN))


def _base() -> Select[Any]:
    return select(Posting, _VIEWS, _APPLICATIONS, _WAITING).options(
        defer(Posting.description_md), defer(Posting.description_html), defer(Posting.description_text),
        joinedload(Posting.company),
    )


def page(session: Session, asked: Asked, left: list[Any] | None, limit: int, now: datetime) -> list[Overview]:
    """Postings as asked, at most `limit` + 1. `left` is what `left_at` gave for the page before."""
    query = _base().where(Posting.company_id == asked.company_id).limit(limit + 1)
    for word in asked.words:
        query = query.where(Posting.title.icontains(word, autoescape=True))
    if asked.status is not None:
        query = query.where(in_state(asked.status, now))
    if asked.sort is Sort.EXPIRING:
        return _rows(session, _expiring(query, left, now))
    if asked.sort is Sort.NEWEST:
        query = query.order_by(Posting.id.desc())
        return _rows(session, query if left is None else query.where(Posting.id < left[0]))
    figure = _VIEWS if asked.sort is Sort.VIEWS else _APPLICATIONS
    query = query.order_by(figure.desc(), Posting.id.desc())
    if left is not None:
        query = query.where(tuple_(figure, Posting.id) < tuple_(literal(left[0]), literal(left[1], BigId)))
    return _rows(session, query)


def left_at(row: Overview, sort: Sort, began: datetime) -> list[Any]:
    """The values, fit for JSON, at which a page that ends with `row` is left.

    `began` is when the first page was asked for: what ends meanwhile keeps its place in the order.
    """
    posting = row.posting
    if sort is Sort.NEWEST:
        return [posting.id]
    if sort is Sort.EXPIRING:
        running = posting.status in TIMED and posting.expires_at is not None and posting.expires_at > began
        ends = posting.expires_at if running and posting.expires_at else _NEVER
        return [ends.isoformat(), posting.id, began.isoformat()]
    return [row.views if sort is Sort.VIEWS else row.applications, posting.id]


def one(session: Session, posting_id: int) -> Overview:
    """The figures of one posting that is there."""
    return _rows(session, _base().where(Posting.id == posting_id))[0]


def began_at(sort: Sort, left: list[Any] | None, now: datetime) -> datetime:
    """When the first page of this list was asked for."""
    return datetime.fromisoformat(left[2]) if sort is Sort.EXPIRING and left is not None else now


def _expiring(query: Select[Any], left: list[Any] | None, now: datetime) -> Select[Any]:
    began = began_at(Sort.EXPIRING, left, now)
    running = and_(Posting.status.in_(TIMED), Posting.expires_at > began)
    ends = case((running, Posting.expires_at), else_=literal(_NEVER, UTCDateTime()))
    query = query.order_by(ends, Posting.id)
    if left is None:
        return query
    then = tuple_(literal(datetime.fromisoformat(left[0]), UTCDateTime()), literal(left[1], BigId))
    return query.where(tuple_(ends, Posting.id) > then)


def _rows(session: Session, query: Select[Any]) -> list[Overview]:
    return [Overview(*row) for row in session.execute(query)]
