"""Taking back what an employer did to a posting a moment ago."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.events import posting_restored
from app.domain.audit import queries as audit
from app.domain.audit.models import AuditEntry
from app.domain.audit.services import record
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.moderation import UNDO_WINDOW
from app.domain.postings.services.moving import check_version, touch
from app.domain.postings.transitions import ENDED

_FROM = frozenset({PostingStatus.PUBLISHED, PostingStatus.PAUSED, PostingStatus.EXPIRED})
_TO = frozenset({PostingStatus.PUBLISHED, PostingStatus.PAUSED, PostingStatus.FILLED, PostingStatus.CLOSED})


def take_back(session: Session, posting: Posting, version: int, actor: Actor, now: datetime) -> Posting:
    """Undo the actor's own pause, resume, fill or close of a moment ago, as an act of its own.

    What an end told the open applications is taken back too. Asked twice, the second changes nothing.
    Raises Conflict (fresh: the posting) where `version` is stale, ten seconds passed or somebody acted since.
    """
    last = audit.latest(session, ("posting", posting.id))
    if last is not None and last.action == "posting.undo" and last.actor_id == actor.user_id:
        return posting
    check_version(posting, version)
    if last is None or not _may(last, actor, now):
        raise Conflict("There is nothing left to undo: ten seconds passed, or somebody acted since.", fresh=posting)
    posting.status = PostingStatus(last.before or "")
    if posting.ended_at == last.at:
        posting.ended_at = None
    record(session, actor, "posting.undo", ("posting", posting.id), now, before=last.after, after=last.before)
    touch(session, posting, now)
    if last.after in ENDED:
        posting_restored.send("postings", session=session, posting_id=posting.id, ended_at=last.at, now=now)
    return posting


def just_moved(session: Session, actor: Actor, now: datetime) -> Posting | None:
    """The posting this actor moved a moment ago, where `take_back` would still do."""
    if actor.user_id is None:
        return None
    mine = audit.latest_by(session, actor.user_id, now - UNDO_WINDOW)
    if mine is None or mine.subject_type != "posting" or not _may(mine, actor, now):
        return None
    last = audit.latest(session, ("posting", mine.subject_id))
    return session.get(Posting, mine.subject_id) if last is not None and last.id == mine.id else None


def _may(entry: AuditEntry, actor: Actor, now: datetime) -> bool:
    return (
        entry.actor_id == actor.user_id and now - entry.at <= UNDO_WINDOW and entry.before in _FROM
        and entry.after in _TO and entry.action == f"posting.{entry.after}"
    )
