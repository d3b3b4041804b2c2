"""The open reports of postings as an admin reads them: who waits longest, what was said, what the board froze."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit import queries as audit
from app.domain.postings.models import Report, ReportReason

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Case:
    """The open reports of one posting. `last` is the newest one's id."""

    posting_id: int
    number: int
    first_at: datetime
    first: int
    last: int


def open_cases(session: Session) -> int:
    """How many postings have open reports."""
    return session.scalar(
        select(func.count(Report.posting_id.distinct())).where(Report.closed_at.is_(None))
    ) or 0


def cases(session: Session, after: int | None, limit: int) -> list[Case]:
    """Postings with open reports, the longest waiting first, at most `limit` + 1. `after` is a case's `first`."""
    first = func.min(Report.id)
    query = (
        select(Report.posting_id, func.count(), func.min(Report.created_at), first, func.max(Report.id))
        .where(Report.closed_at.is_(None))
        .group_by(Report.posting_id)
        .order_by(first)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.having(first > after)
    return [Case(*row) for row in session.execute(query)]


def case_of(session: Session, posting_id: int) -> Case | None:
    """The open reports of one posting, None where there are none."""
    row = session.execute(
        select(Report.posting_id, func.count(), func.min(Report.created_at), func.min(Report.id), func.max(Report.id))
        .where(Report.closed_at.is_(None), Report.posting_id == posting_id)
        .group_by(Report.posting_id)
    ).first()
    return Case(*row) if row else None


def tallies(session: Session, posting_ids: Collection[int]) -> dict[int, list[tuple[ReportReason, int]]]:
    """How often each reason was given in the open reports of these postings, most often first."""
    number = func.count()
    rows = session.execute(
        select(Report.posting_id, Report.reason, number)
        .where(Report.closed_at.is_(None), Report.posting_id.in_(posting_ids))
        .group_by(Report.posting_id, Report.reason)
        .order_by(number.desc(), Report.reason)
    )
    told: dict[int, list[tuple[ReportReason, int]]] = {}
    for posting_id, reason, count in rows:
        told.setdefault(posting_id, []).append((reason, count))
    return told


def said(session: Session, posting_ids: Collection[int]) -> dict[int, list[str]]:
    """The latest words of the open reports of these postings, a few of each."""
    rank = func.row_number().over(partition_by=Report.posting_id, order_by=Report.id.desc())
    ranked = (
        select(Report.posting_id, Report.words, rank.label("rank"))
        .where(Report.closed_at.is_(None), Report.posting_id.in_(posting_ids), Report.words != "")
        .subquery()
    )
    told: dict[int, list[str]] = {}
    rows = select(ranked.c.posting_id, ranked.c.words).where(ranked.c.rank <= _SHOWN).order_by(ranked.c.rank)
    for posting_id, words in session.execute(rows):
        told.setdefault(posting_id, []).append(words)
    return told


def frozen_by_reports(session: Session, posting_ids: Collection[int]) -> set[int]:
    """Those of `posting_ids` whose last freeze was the board's own."""
    last = audit.latest_acts(session, "posting", posting_ids, "posting.freeze")
    return {posting_id for posting_id, actor_id in last.items() if actor_id is None}
