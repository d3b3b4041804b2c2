"""What a feed does to its postings when they leave it, and when they come back. A hand-made state always wins."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.events import posting_restored
from app.domain.audit import queries as audit
from app.domain.audit.services import record
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.moving import touch, transition
from app.domain.postings.transitions import Mover, find, status_at

_WHY = "It left the feed it came from."
_ENDS = {PostingStatus.PUBLISHED: PostingStatus.CLOSED, PostingStatus.PENDING: PostingStatus.REJECTED}


def leave(session: Session, posting: Posting, now: datetime) -> bool:
    """End a posting that left its feed, applicants told; False where somebody or the clock did otherwise before."""
    before = status_at(posting, now)
    to = _ENDS.get(before)
    if to is None or find(before, to, Mover.SYSTEM) is None:
        return False
    transition(session, posting, to, Mover.SYSTEM, posting.version, SYSTEM, _WHY, now, 1)
    return True


def come_back(session: Session, posting: Posting, left_at: datetime, now: datetime) -> bool:
    """Undo what `leave` did at `left_at`; False where somebody acted on the posting since, or its time is over."""
    last = audit.latest(session, ("posting", posting.id))
    ours = last is not None and last.actor_id is None and last.at == left_at and last.reason == _WHY
    if last is None or not ours or posting.ended_at != left_at or (posting.expires_at and posting.expires_at <= now):
        return False
    posting.status, posting.reason, posting.ended_at = PostingStatus(last.before or ""), None, None
    record(session, SYSTEM, "posting.undo", ("posting", posting.id), now, before=last.after, after=last.before)
    touch(session, posting, now)
    posting_restored.send("postings", session=session, posting_id=posting.id, ended_at=left_at, now=now)
    return True
