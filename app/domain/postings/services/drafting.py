"""Drafts kept while somebody types: what can be read is stated, what cannot yet waits as it was typed."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.audit import queries as audit
from app.domain.audit.services import record
from app.domain.postings.models import HalfTyped, Posting
from app.domain.postings.services.facts import Facts, facts_of, state_as_typed
from app.domain.postings.services.moving import check_version, touch
from app.domain.postings.services.writing import blank
from app.domain.postings.transitions import DRAFTED, status_at

ONE_SITTING = timedelta(minutes=15)
"""Within this, one person's typing is one entry of the log."""
_LINES = ("places", "remote_countries")


def begin(session: Session, company_id: int, facts: Facts, actor: Actor, now: datetime) -> Posting:
    """A new draft of a company from whatever was typed so far; it never complains."""
    posting = blank(session, company_id, actor, now)
    _keep(session, posting, facts, now)
    session.add(posting)
    session.flush()
    record(session, actor, "posting.create", ("posting", posting.id), now, after=posting.status)
    touch(session, posting, now)
    return posting


def autosave(session: Session, posting: Posting, facts: Facts, version: int, actor: Actor, now: datetime) -> Posting:
    """Keep a draft as it stands in its form.

    Raises Conflict (fresh: the posting) where `version` is stale, Invalid for what is no draft any more: a posting
    that was handed in changes only by somebody's word.
    """
    check_version(posting, version)
    if status_at(posting, now) not in DRAFTED:
        raise Invalid("This posting is handed in: save it yourself when you are done.")
    _keep(session, posting, facts, now)
    last = audit.latest(session, ("posting", posting.id))
    sitting = last is not None and last.actor_id == actor.user_id and now - last.at < ONE_SITTING
    if last is None or not sitting or last.action not in ("posting.edit", "posting.create"):
        state = posting.status
        record(session, actor, "posting.edit", ("posting", posting.id), now, before=state, after=state)
    touch(session, posting, now)
    return posting


def as_typed(posting: Posting) -> Facts:
    """What is stated of a posting, with the answers that wait in the words they were typed in."""
    facts = facts_of(posting)
    if posting.half_typed is None:
        return facts
    typed = {name: _read(name, words) for name, words in posting.half_typed.typed.items()}
    return replace(facts, **typed)  # type: ignore[arg-type]


def _read(name: str, words: str) -> str | tuple[str, ...]:
    return tuple(words.splitlines()) if name in _LINES else words


def _keep(session: Session, posting: Posting, facts: Facts, now: datetime) -> None:
    typed = state_as_typed(session, posting, facts)
    if not typed:
        posting.half_typed = None
    elif posting.half_typed is None:
        posting.half_typed = HalfTyped(typed=typed, saved_at=now)
    else:
        posting.half_typed.typed, posting.half_typed.saved_at = typed, now
