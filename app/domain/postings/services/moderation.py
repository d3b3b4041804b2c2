"""What admins do to a posting: decided once, audited once, told to its company, undone within ten seconds."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.events import posting_ended, posting_moved, posting_restored
from app.domain.audit import queries as audit
from app.domain.audit.models import AuditEntry
from app.domain.audit.services import checked_reason, record
from app.domain.companies.policies import GRANTS, Permission
from app.domain.companies.queries import team
from app.domain.mail.services import cancel, owe
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.moving import check_version, move, touch
from app.domain.postings.services.undoing import UNDO_WINDOW, is_recent, is_undone, last_acted_on, nothing_left
from app.domain.postings.transitions import ENDED, Mover

MOVES = {
    "approve": PostingStatus.PUBLISHED,
    "request-changes": PostingStatus.CHANGES_REQUESTED,
    "reject": PostingStatus.REJECTED,
    "remove": PostingStatus.REMOVED,
}
"""The acts that move a posting, and where to."""
_FLAGS = {
    "freeze": ("frozen_at", True),
    "unfreeze": ("frozen_at", False),
    "feature": ("featured_at", True),
    "unfeature": ("featured_at", False),
}
ACTIONS = (*MOVES, *_FLAGS, "undo")
"""Every act an admin may ask for."""


def admin_act(
    session: Session, posting: Posting, action: str, version: int, actor: Actor, reason: str, now: datetime,
    posting_days: int,
) -> Posting:
    """Do one of `ACTIONS`. What is so already, or was just done by the same actor, changes nothing and is no error.

    A refusal or removal answers the open applications; undoing it opens them again. Undoing an approval leaves them
    open: the posting is in review, where each of its ways on is public again, or an end that answers them.
    Raises Conflict (fresh: the posting) where `version` is stale or there is nothing left to undo; Invalid where the
    act is illegal, unknown, or lacks its reason.
    """
    if action not in ACTIONS:
        raise Invalid("There is no such act.", {"action": "Choose one of: " + ", ".join(ACTIONS) + "."})
    last = audit.latest(session, ("posting", posting.id))
    mine = last is not None and last.actor_id == actor.user_id and last.action == _logged(action)
    if _is_so(posting, action) and (mine or posting.version == version):
        return posting
    if action == "undo" and is_undone(posting, version, last, actor):
        return posting
    check_version(posting, version)
    if action == "undo":
        with session.no_autoflush:  # one new version, by which the same request is known when it comes again
            _undo(session, posting, last, actor, now)
    elif action in MOVES:
        entry = move(session, posting, MOVES[action], Mover.ADMIN, actor, reason, now, posting_days)
        _tell(session, posting, entry, now)
    else:
        _flag(session, posting, action, actor, reason, now)
    touch(session, posting, now)
    if action in MOVES and posting.status in ENDED:
        posting_ended.send(
            "postings", session=session, posting_id=posting.id, actor=actor, now=now, answer_later=False
        )
    elif action == "undo" and last is not None and last.after in ENDED:
        posting_restored.send("postings", session=session, posting_id=posting.id, ended_at=last.at, now=now)
    return posting


def undoable(session: Session, actor: Actor, now: datetime) -> Posting | None:
    """The posting that this actor acted on last, where that can still be undone."""
    return last_acted_on(session, actor, now, _may_undo)


def _may_undo(entry: AuditEntry, actor: Actor, now: datetime) -> bool:
    if not is_recent(entry, actor, now):
        return False
    if entry.action == _logged("approve"):
        return entry.before == PostingStatus.PENDING
    return entry.action in {_logged(action) for action in (*MOVES, *_FLAGS)}


def _logged(action: str) -> str:
    return f"posting.{MOVES.get(action, action)}"


def _is_so(posting: Posting, action: str) -> bool:
    if action in MOVES:
        return posting.status is MOVES[action]
    if action in _FLAGS:
        column, wanted = _FLAGS[action]
        return (getattr(posting, column) is not None) is wanted
    return False


def _flag(session: Session, posting: Posting, action: str, actor: Actor, reason: str, now: datetime) -> None:
    if posting.status is PostingStatus.REMOVED:
        raise Invalid("This posting is removed: nothing more can be done to it.")
    column, wanted = _FLAGS[action]
    before: datetime | None = getattr(posting, column)
    record(
        session, actor, _logged(action), ("posting", posting.id), now, before=before.isoformat() if before else None,
        after=now.isoformat() if wanted else None, reason=checked_reason(reason, "the company", needed=False),
    )
    setattr(posting, column, now if wanted else None)


def _undo(session: Session, posting: Posting, last: AuditEntry | None, actor: Actor, now: datetime) -> None:
    if last is None or not _may_undo(last, actor, now):
        raise nothing_left(posting)
    flag = next((column for action, (column, _) in _FLAGS.items() if _logged(action) == last.action), None)
    if flag:
        setattr(posting, flag, datetime.fromisoformat(last.before) if last.before else None)
    else:
        posting_moved.send("postings", session=session, posting_id=posting.id, before=posting.status, now=now)
        _restore(session, posting, last)
        for key, _ in _letters(session, posting, last):
            cancel(session, key)
    record(session, actor, _logged("undo"), ("posting", posting.id), now, before=last.after, after=last.before)


def _restore(session: Session, posting: Posting, last: AuditEntry) -> None:
    posting.status = PostingStatus(last.before or "")
    posting.reason = session.scalars(
        select(AuditEntry.reason)
        .where(
            AuditEntry.subject_type == "posting", AuditEntry.subject_id == posting.id, AuditEntry.id < last.id,
            AuditEntry.after == last.before,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).first()
    if posting.ended_at == last.at:
        posting.ended_at = None
    if posting.status is PostingStatus.PENDING and posting.published_at and posting.published_at >= last.at:
        if posting.published_at == last.at:
            posting.published_at = None
        posting.expires_at = posting.slug = None


def _letters(session: Session, posting: Posting, entry: AuditEntry) -> list[tuple[str, str]]:
    """(key, address) of the mail an act owes to everybody at the company who may change the posting."""
    if posting.company_id is None:
        return []
    return [
        (f"{entry.action}:{entry.id}:{member.user_id}", member.user.email)
        for member in team(session, posting.company_id)
        if Permission.POSTINGS_POSTING_EDIT in GRANTS[member.role]
    ]


def _tell(session: Session, posting: Posting, entry: AuditEntry, now: datetime) -> None:
    session.flush()
    template = entry.action.replace(".", "_")
    for key, address in _letters(session, posting, entry):
        owe(
            session, template, address, key, now, due_at=now + UNDO_WINDOW, posting_id=posting.id, audit_id=entry.id
        )
