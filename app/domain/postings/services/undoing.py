"""Taking back what was done to a posting a moment ago: what both desks share, and the employer's own moves."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.events import posting_moved, posting_restored
from app.domain.audit import queries as audit
from app.domain.audit.models import AuditEntry
from app.domain.audit.services import record
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.moving import check_version, touch
from app.domain.postings.transitions import ENDED

UNDO_WINDOW = timedelta(seconds=10)
_FROM = frozenset({PostingStatus.PUBLISHED, PostingStatus.PAUSED, PostingStatus.EXPIRED})
_TO = frozenset({PostingStatus.PUBLISHED, PostingStatus.PAUSED, PostingStatus.FILLED, PostingStatus.CLOSED})


def take_back(session: Session, posting: Posting, version: int, actor: Actor, now: datetime) -> Posting:
    """Undo the actor's own pause, resume, fill or close of a moment ago, as an act of its own.

    What an end told the open applications is taken back too. Asked twice, the second changes nothing.
    Raises Conflict (fresh: the posting) where `version` is stale, ten seconds passed or somebody acted since.
    """
    last = audit.latest(session, ("posting", posting.id))
    if is_undone(posting, version, last, actor):
        return posting
    check_version(posting, version)
    if last is None or not _may(last, actor, now):
        raise nothing_left(posting)
    with session.no_autoflush:  # one new version, by which the same request is known when it comes again
        posting_moved.send("postings", session=session, posting_id=posting.id, before=posting.status, now=now)
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
    return last_acted_on(session, actor, now, _may)


def _may(entry: AuditEntry, actor: Actor, now: datetime) -> bool:
    moved = entry.before in _FROM and entry.after in _TO and entry.action == f"posting.{entry.after}"
    return moved and is_recent(entry, actor, now)


def is_recent(entry: AuditEntry, actor: Actor, now: datetime) -> bool:
    """Whether this is the actor's own act, of less than `UNDO_WINDOW` ago."""
    return entry.actor_id == actor.user_id and now - entry.at <= UNDO_WINDOW


def is_undone(posting: Posting, version: int, last: AuditEntry | None, actor: Actor) -> bool:
    """Whether this very undo was done just now; one of an earlier act is another matter."""
    mine = last is not None and last.action == "posting.undo" and last.actor_id == actor.user_id
    return mine and posting.version - version <= 1


def nothing_left(posting: Posting) -> Conflict:
    """What is answered where an undo comes too late."""
    return Conflict("There is nothing left to undo: ten seconds passed, or somebody acted since.", fresh=posting)


def last_acted_on(
    session: Session, actor: Actor, now: datetime, may: Callable[[AuditEntry, Actor, datetime], bool]
) -> Posting | None:
    """The posting that the actor's last act was on, where nobody acted on it since and `may` lets it be undone."""
    if actor.user_id is None:
        return None
    mine = audit.latest_by(session, actor.user_id, now - UNDO_WINDOW)
    if mine is None or mine.subject_type != "posting" or not may(mine, actor, now):
        return None
    last = audit.latest(session, ("posting", mine.subject_id))
    return session.get(Posting, mine.subject_id) if last is not None and last.id == mine.id else None
