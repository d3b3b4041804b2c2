"""Drafts, edits and reposts."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Invalid
from app.core.events import postings_changed
from app.domain.audit.services import record
from app.domain.companies.queries import held
from app.domain.postings.editions import Edition, keep, stated
from app.domain.postings.models import (
    Posting,
    PostingCountry,
    PostingPlace,
    PostingStatus,
    Question,
    Workplace,
)
from app.domain.postings.services.facts import Facts, require_complete, state
from app.domain.postings.services.moving import check_version, move, touch
from app.domain.postings.transitions import DRAFTED, REPOSTABLE, SHOWN, Mover, status_at

_COPIED = (
    "title", "description_md", "description_html", "description_text", "category_id", "type",
    "workplace", "experience", "place_label", "salary_min", "salary_max", "salary_currency", "salary_period",
    "salary_year_min", "salary_year_max", "openings", "language", "apply_url",
)


def create_draft(session: Session, company_id: int, facts: Facts, actor: Actor, now: datetime) -> Posting:
    """A new draft of a company. Raises Invalid naming every field that cannot be taken; a draft needs a title only."""
    posting = blank(session, company_id, actor, now)
    state(session, posting, facts)
    session.add(posting)
    session.flush()
    _log(session, posting, "posting.create", actor, now)
    touch(session, posting, now)
    return posting


def blank(session: Session, company_id: int, actor: Actor, now: datetime) -> Posting:
    """A posting of a company that states nothing yet; not in the session."""
    return Posting(
        company_id=held(session, company_id), title="", workplace=Workplace.ON_SITE, created_by_id=actor.user_id,
        created_at=now, updated_at=now,
    )


def edit(session: Session, posting: Posting, facts: Facts, version: int, actor: Actor, now: datetime) -> Posting:
    """Change what a posting states. A public one of an untrusted company is reviewed again after a material change.

    Raises Conflict (fresh: the posting) where `version` is stale; Invalid where a field cannot be taken, something
    would be missing on a posting already handed in, or its life is over.
    """
    check_version(posting, version)
    status = status_at(posting, now)
    if status not in (*DRAFTED, PostingStatus.PENDING, *SHOWN):
        raise Invalid(f"This posting is {status.replace('_', ' ')} and cannot be changed. Repost it as a new one.")
    before, public = _material(posting), stated(posting) if status in SHOWN else None
    state(session, posting, facts)
    posting.half_typed = None
    if status not in DRAFTED:
        require_complete(posting)
    _log(session, posting, "posting.edit", actor, now)
    if public is not None:
        _review_again(session, posting, before, public, now)
    touch(session, posting, now)
    return posting


@contextmanager
def reviewing(session: Session, posting_ids: Collection[int], now: datetime) -> Iterator[None]:
    """Around a change in bulk: what it does to a public posting of an untrusted company is reviewed as after `edit`."""
    query = (
        select(Posting)
        .where(Posting.id.in_(posting_ids), Posting.status.in_(SHOWN))
        .options(
            joinedload(Posting.company), joinedload(Posting.category),
            *map(selectinload, (Posting.places, Posting.countries, Posting.questions)),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip
    shown = [posting for posting in session.scalars(query) if status_at(posting, now) in SHOWN]
    before = {posting.id: (_material(posting), stated(posting)) for posting in shown}
    yield
    for posting in session.scalars(query):
        if posting.id in before:
            _review_again(session, posting, *before[posting.id], now)


def _review_again(
    session: Session, posting: Posting, before: tuple[Any, ...], public: Edition, now: datetime
) -> None:
    trusted = posting.company is not None and posting.company.trusted
    if not trusted and _material(posting) != before:
        move(session, posting, PostingStatus.PENDING, Mover.SYSTEM, SYSTEM, "", now, 0)
        keep(session, posting, public, now)


def discard(session: Session, posting: Posting, version: int, actor: Actor, now: datetime) -> None:
    """Take away a draft nobody has seen. Raises Conflict where `version` is stale, or it was ever handed in."""
    check_version(posting, version)
    if posting.status is not PostingStatus.DRAFT or posting.submitted_at is not None:
        raise Conflict("Only a draft that was never handed in can be deleted. Close this one instead.", fresh=posting)
    _log(session, posting, "posting.delete", actor, now)
    posting_id = posting.id
    session.delete(posting)
    session.flush()
    postings_changed.send("postings", session=session, posting_ids=[posting_id], now=now)


def repost(session: Session, posting: Posting, actor: Actor, now: datetime) -> Posting:
    """A new draft of a posting that ended, linked to it; asked twice, the same draft. Raises Invalid before its end."""
    if status_at(posting, now) not in REPOSTABLE:
        raise Invalid("Only a posting that expired or was filled or closed can be reposted.")
    waiting = select(Posting).where(Posting.reposted_from_id == posting.id, Posting.status == PostingStatus.DRAFT)
    known = session.scalars(waiting.limit(1)).first()
    if known is not None:
        return known
    facts: dict[str, Any] = {name: getattr(posting, name) for name in _COPIED}
    draft = Posting(
        **facts, company_id=None if posting.company_id is None else held(session, posting.company_id),
        reposted_from_id=posting.id, times_reposted=posting.times_reposted + 1, created_by_id=actor.user_id,
        created_at=now, updated_at=now,
    )
    draft.places = [PostingPlace(place_id=row.place_id, position=row.position) for row in posting.places]
    draft.countries = [PostingCountry(country=row.country, eligible=row.eligible) for row in posting.countries]
    draft.questions = [
        Question(position=q.position, kind=q.kind, prompt=q.prompt, required=q.required) for q in posting.questions
    ]
    session.add(draft)
    session.flush()
    _log(session, draft, "posting.repost", actor, now)
    touch(session, draft, now)
    return draft


def _log(session: Session, posting: Posting, action: str, actor: Actor, now: datetime) -> None:
    record(session, actor, action, ("posting", posting.id), now, before=posting.status, after=posting.status)


def _material(posting: Posting) -> tuple[Any, ...]:
    """What a reader decides by: title, pay, place and company."""
    return (
        posting.company_id, posting.title, posting.workplace, posting.salary_min, posting.salary_max,
        posting.salary_currency, posting.salary_period, sorted(row.place_id for row in posting.places),
        sorted(row.country for row in posting.countries if row.eligible),
    )
