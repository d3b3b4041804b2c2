"""What waits: new applicants on an employer, an answer on the applicant of a posting that ended."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.applications.models import Application, Stage
from app.domain.applications.seeing import told_stage
from app.domain.postings.models import Posting


def new_by_posting(session: Session, company_id: int, limit: int) -> list[tuple[int, str, int]]:
    """(posting id, title, applications nobody looked at) of a company, most first, at most `limit`."""
    number = func.count(Application.id)
    rows = session.execute(
        select(Posting.id, Posting.title, number)
        .join(Application, Application.posting_id == Posting.id)
        .where(Posting.company_id == company_id, Application.stage == Stage.SUBMITTED)
        .group_by(Posting.id, Posting.title)
        .order_by(number.desc(), Posting.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def own_stage(session: Session, user_id: int | None, posting_id: int, now: datetime) -> Stage | None:
    """Where the person's latest application to a posting stands as they are told; None where there is none."""
    if user_id is None:
        return None
    return session.scalar(
        select(told_stage(now))
        .where(Application.posting_id == posting_id, Application.user_id == user_id)
        .order_by(Application.id.desc())
        .limit(1)
    )
