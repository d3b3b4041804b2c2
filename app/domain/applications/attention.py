"""What waits on an employer: people without an answer, postings whose time is over or nearly so."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from app.domain.applications.models import Application, Stage
from app.domain.applications.services.overdue import ANSWER_WITHIN
from app.domain.applications.transitions import OPEN
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.queries import in_state
from app.domain.postings.transitions import BY_EMPLOYER

SOON = timedelta(days=7)


class Waiting(NamedTuple):
    """Somebody nobody has looked at yet."""

    application_id: int
    name: str
    title: str
    since: datetime


class Unanswered(NamedTuple):
    """A posting that is over with open applications; `answer_by` is when the board begins to answer them."""

    posting_id: int
    title: str
    number: int
    answer_by: datetime


class Ending(NamedTuple):
    """A public posting that ends soon."""

    posting_id: int
    title: str
    ends: datetime


def longest_waiting(session: Session, company_id: int, limit: int) -> list[Waiting]:
    """New applicants of a company, who has waited longest first."""
    rows = session.execute(
        select(Application.id, Application.name, Posting.title, Application.moved_at)
        .join(Application.posting)
        .where(Posting.company_id == company_id, Application.stage == Stage.SUBMITTED)
        .order_by(Application.moved_at, Application.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def unanswered(session: Session, company_id: int, now: datetime, limit: int) -> list[Unanswered]:
    """Postings of a company that are over while applicants still wait, who is answered next first."""
    ends_at = case((Posting.status.in_(BY_EMPLOYER), Posting.ended_at), else_=Posting.expires_at)
    first = func.min(Application.moved_at)
    rows = session.execute(
        select(Posting.id, Posting.title, func.count(), ends_at, first)
        .join(Application, Application.posting_id == Posting.id)
        .where(
            Posting.company_id == company_id, Application.stage.in_(OPEN),
            or_(in_state(PostingStatus.EXPIRED, now), Posting.status.in_(BY_EMPLOYER)), ends_at.is_not(None),
        )
        .group_by(Posting.id)
        .order_by(ends_at, Posting.id)
        .limit(limit)
    )
    return [
        Unanswered(id_, title, number, max(ends, moved) + ANSWER_WITHIN)
        for id_, title, number, ends, moved in rows if ends is not None and moved is not None
    ]


def ending(session: Session, company_id: int, now: datetime, limit: int) -> list[Ending]:
    """Public postings of a company that end within a week, the next first."""
    rows = session.execute(
        select(Posting.id, Posting.title, Posting.expires_at)
        .where(
            Posting.company_id == company_id, in_state(PostingStatus.PUBLISHED, now), Posting.expires_at <= now + SOON
        )
        .order_by(Posting.expires_at, Posting.id)
        .limit(limit)
    )
    return [Ending(id_, title, ends) for id_, title, ends in rows if ends is not None]
