"""Moves of a posting through its life. The table in `transitions.py` says which; here is what each does."""

from datetime import datetime, timedelta

from slugify import slugify
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Invalid
from app.core.events import posting_ended, posting_moved, postings_changed
from app.domain.accounts.queries import is_verified
from app.domain.audit.models import AuditEntry
from app.domain.audit.services import checked_reason, record
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.facts import require_complete
from app.domain.postings.transitions import ENDED, Mover, find, legal, status_at

_REFUSED = (PostingStatus.CHANGES_REQUESTED, PostingStatus.REJECTED, PostingStatus.REMOVED)


def check_version(posting: Posting, version: int) -> None:
    """Raise Conflict, with the posting as it is now, unless the change was made against its present version."""
    if posting.version != version:
        raise Conflict("Somebody changed this posting meanwhile. Look at it as it is now and repeat.", fresh=posting)


def touch(session: Session, posting: Posting, now: datetime) -> None:
    """Write a posting and tell of it; its version moves even where only what hangs on it changed."""
    posting.updated_at = now
    flag_modified(posting, "updated_at")
    session.flush()
    postings_changed.send("postings", session=session, posting_ids=[posting.id], now=now)


def publish(posting: Posting, now: datetime, posting_days: int) -> None:
    """Make a posting public. Slug and dates are those of its first publication, and stay.

    One dated later already is scheduled. `posting_days` is how long it stays.
    """
    posting.status = PostingStatus.PUBLISHED
    posting.slug = posting.slug or slugify(posting.title, max_length=100) or "job"
    posting.published_at = posting.published_at or now
    posting.expires_at = posting.expires_at or posting.published_at + timedelta(days=posting_days)


def submit(
    session: Session, posting: Posting, version: int, actor: Actor, now: datetime, posting_days: int
) -> Posting:
    """Hand a posting in: to review, or straight to the public where the company is trusted.

    Trust in a company reaches those whose address is known to be theirs; of others an admin sees it first.

    Raises Invalid naming what is missing, Conflict where `version` is stale.
    """
    transition(session, posting, PostingStatus.PENDING, Mover.EMPLOYER, version, actor, "", now, posting_days)
    if posting.company is not None and posting.company.trusted and _known(session, actor):
        transition(
            session, posting, PostingStatus.PUBLISHED, Mover.SYSTEM, posting.version, SYSTEM, "", now, posting_days
        )
    return posting


def _known(session: Session, actor: Actor) -> bool:
    """Whether the actor is the system, or somebody whose address is known to be theirs."""
    return actor.user_id is None or is_verified(session, actor.user_id)


def transition(
    session: Session, posting: Posting, to: PostingStatus, mover: Mover, version: int, actor: Actor, reason: str,
    now: datetime, posting_days: int, *, answer_later: bool = False,
) -> Posting:
    """Move a posting to the state `to`, by the one table; audited.

    Where that ends it, open applications get their outcome with it; with `answer_later` its employer still gives them.

    Raises Conflict where `version` is stale; Invalid where the move is illegal (naming the legal ones), a reason is
    missing or, on handing in, a fact is.
    """
    check_version(posting, version)
    move(session, posting, to, mover, actor, reason, now, posting_days)
    touch(session, posting, now)
    if to in ENDED:
        posting_ended.send(
            "postings", session=session, posting_id=posting.id, actor=actor, now=now, answer_later=answer_later
        )
    return posting


def move(
    session: Session, posting: Posting, to: PostingStatus, mover: Mover, actor: Actor, reason: str, now: datetime,
    posting_days: int,
) -> AuditEntry:
    """One legal step in memory and in the log, told of; `touch` writes it."""
    before = posting.status if to is PostingStatus.EXPIRED else status_at(posting, now)
    step = find(before, to, mover)
    if step is None:
        raise Invalid(_illegal(before, to, mover), {"to": "Choose a legal move."})
    reason = checked_reason(reason, "the company", needed=step.needs_reason)
    if to is PostingStatus.PENDING and mover is Mover.EMPLOYER:
        require_complete(posting)
    entry = record(
        session, actor, f"posting.{to}", ("posting", posting.id), now, before=posting.status, after=to, reason=reason
    )
    posting_moved.send("postings", session=session, posting_id=posting.id, before=posting.status, now=now)
    _enter(posting, to, reason, now, posting_days)
    return entry


def _enter(posting: Posting, to: PostingStatus, reason: str, now: datetime, posting_days: int) -> None:
    posting.status = to
    posting.reason = reason if to in _REFUSED else None
    if to is PostingStatus.PENDING:
        posting.submitted_at = now
    elif to is PostingStatus.PUBLISHED:
        publish(posting, now, posting_days)
    elif to in ENDED:
        posting.ended_at = posting.ended_at or now


def _illegal(before: PostingStatus, to: PostingStatus, mover: Mover) -> str:
    allowed = ", ".join(status.replace("_", " ") for status in legal(before, mover))
    now_is = f"A posting that is {before.replace('_', ' ')} cannot become {to.replace('_', ' ')}"
    sentence = f"{now_is}. It can become: {allowed}." if allowed else f"{now_is}, or anything else."
    return f"{sentence} Its time is over: its company can repost it." if before is PostingStatus.EXPIRED else sentence
