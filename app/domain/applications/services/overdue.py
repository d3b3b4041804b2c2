"""Answers that nobody gave: no application waits for ever on a posting that is over, or stuck."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.core.db import lock_rows
from app.domain.applications.models import Application
from app.domain.applications.services.moving import end_open
from app.domain.applications.transitions import OPEN
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.transitions import BY_EMPLOYER, TIMED

ANSWER_WITHIN = timedelta(days=14)
"""How long after a posting's end its employer may still give outcomes; then open ones are `not_selected`.

Whom the employer moved since then, or took up again, has as long from that move.
"""
CHANGE_WITHIN = timedelta(days=30)
"""How long a posting may lie untouched with changes requested while people wait; then they are answered likewise."""


def unanswered(session: Session, now: datetime, limit: int, posting_id: int | None = None) -> list[int]:
    """Ids of postings, at most `limit`, with open applications that have waited too long; or that one alone."""
    since = now - ANSWER_WITHIN
    over = and_(Posting.status.in_((PostingStatus.EXPIRED, *TIMED)), Posting.expires_at <= since)
    ended = and_(Posting.status.in_(BY_EMPLOYER), Posting.ended_at <= since)
    stuck = and_(Posting.status == PostingStatus.CHANGES_REQUESTED, Posting.updated_at <= now - CHANGE_WITHIN)
    waiting = select(Application.posting_id).where(
        Application.stage.in_(OPEN), Application.moved_at <= since
    )
    query = select(Posting.id).where(or_(over, ended, stuck), Posting.id.in_(waiting)).order_by(Posting.id).limit(limit)
    return list(session.scalars(query if posting_id is None else query.where(Posting.id == posting_id)))


def answer_overdue(session: Session, posting_id: int, now: datetime) -> int:
    """Give those who waited too long their outcome, with one mail each; answers how many.

    The posting itself stays as it is: it is its employer's, and nobody finds it.
    """
    lock_rows(session, select(Posting.id).where(Posting.id == posting_id), shared=True)
    if not unanswered(session, now, 1, posting_id):
        return 0
    return end_open(session, posting_id, now, idle_since=now - ANSWER_WITHIN)
