"""Reasons to look twice at a posting in review: facts an admin would otherwise have to gather."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.postings.models import EmploymentType, Posting, PostingStatus

HASTE = timedelta(hours=1)
MANY = 5
"""Postings of one company handed in within `HASTE` that make one look twice."""
_LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|net|org|io|info|biz|ru|xyz|top|site)\b", re.IGNORECASE)
_SUSPICIOUS = re.compile(
    r"\b(western union|moneygram|wire transfer|gift cards?|bitcoin|crypto(?:currency)? invest\w*|registration fee"
    r"|processing fee|training fee|refundable deposit|pay(?:ment)? upfront|whats ?app|telegram|no experience needed"
    r"|earn (?:up to )?[$€£]|guaranteed income|get rich|cheque|reshipping|package forwarding|send money"
    r"|bank account details|passport copy|be your own boss)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the board knows of a batch of postings, asked in four statements."""

    published: set[int]
    verified: set[int]
    repeated: dict[int, int]
    hurried: dict[int, int]


def doubts(session: Session, postings: Sequence[Posting]) -> dict[int, list[str]]:
    """For each of these postings, a sentence for each reason to look twice; none where there is none."""
    known = _known(session, postings)
    return {posting.id: _of(posting, known) for posting in postings}


def _of(posting: Posting, known: _Known) -> list[str]:
    found = []
    if posting.salary_max is None and posting.type is not EmploymentType.VOLUNTEER:
        found.append("States no pay.")
    if posting.company_id is not None and posting.company_id not in known.published:
        found.append("The first posting of this company.")
    if posting.created_by_id is not None and posting.created_by_id not in known.verified:
        found.append("Written by somebody whose address is not verified.")
    if _LINK.search(posting.title):
        found.append("A link in the title.")
    if posting.id in known.repeated:
        found.append(f"The same text as posting {known.repeated[posting.id]}.")
    said = sorted({match.lower() for match in _SUSPICIOUS.findall(f"{posting.title}\n{posting.description_text}")})
    if said:
        found.append("It says: " + ", ".join(f"“{words}”" for words in said[:5]) + ".")
    if known.hurried.get(posting.id, 0) >= MANY:
        found.append(f"{known.hurried[posting.id]} postings of this company were handed in within an hour.")
    return found


def _known(session: Session, postings: Sequence[Posting]) -> _Known:
    ids = [posting.id for posting in postings]
    companies = {posting.company_id for posting in postings if posting.company_id is not None}
    writers = {posting.created_by_id for posting in postings if posting.created_by_id is not None}
    here, other = aliased(Posting), aliased(Posting)
    same = and_(
        other.id != here.id, other.description_text == here.description_text,
        or_(other.company_id == here.company_id, other.status == PostingStatus.PENDING),
    )
    repeated = (
        select(here.id, func.min(other.id)).join(other, same)
        .where(here.id.in_(ids), here.description_text != "").group_by(here.id)
    )
    published = select(Posting.company_id).where(Posting.company_id.in_(companies), Posting.published_at.is_not(None))
    verified = select(User.id).where(User.id.in_(writers), User.email_verified_at.is_not(None))
    return _Known(
        published={id_ for id_ in session.scalars(published.distinct()) if id_ is not None},
        verified=set(session.scalars(verified)), repeated=dict(session.execute(repeated).all()),
        hurried=_hurried(session, postings),
    )


def _hurried(session: Session, postings: Sequence[Posting]) -> dict[int, int]:
    """For each posting, how many of its company were handed in within an hour of it, itself among them."""
    companies = {posting.company_id for posting in postings if posting.company_id is not None}
    moments = [posting.submitted_at for posting in postings if posting.submitted_at is not None]
    if not companies or not moments:
        return {}
    near = select(Posting.company_id, Posting.submitted_at).where(
        Posting.company_id.in_(companies), Posting.submitted_at.between(min(moments) - HASTE, max(moments) + HASTE)
    )
    rows = session.execute(near.limit(5000)).all()
    return {
        posting.id: sum(
            company == posting.company_id and at is not None and abs(at - posting.submitted_at) <= HASTE
            for company, at in rows
        )
        for posting in postings
        if posting.submitted_at is not None
    }
