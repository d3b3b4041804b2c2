"""What a person may be about to type: titles, companies, skills and places that lead to live postings.

Few are tried for each kind and each is counted, so what is typed costs a bounded number of questions: three reads of
small ranges, and the totals of `TITLES`, `COMPANIES`, `SKILLS` and `PLACES` candidates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings import gazetteer
from app.domain.postings.models import Posting
from app.domain.postings.queries import live
from app.domain.search import queries, skills
from app.domain.search.filters import Filters
from app.domain.search.grammar import Query, parse
from app.domain.search.models import SearchTitle, SearchWord
from app.domain.search.text import SHORTEST_KNOWN, is_solitary
from app.domain.search.vocabulary import start_of

Kind = Literal["title", "company", "skill", "place"]

MOST = 8
SHOWN: dict[Kind, int] = {"title": 3, "company": 2, "skill": 2, "place": 2}
"""Of each kind, in their order; of the last only what room is left."""
TITLES, COMPLETIONS, COMPANIES, SKILLS, PLACES = 5, 3, 2, 4, 4
LONGEST_TYPED = 80
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to look for: the listing it leads to, and how many postings that holds."""

    kind: Kind
    label: str
    filters: Filters
    total: int


def suggest(session: Session, typed: str, filters: Filters, now: datetime) -> list[Suggestion]:
    """What `typed` may become, in a listing that is also filtered by `filters`, whatever words these ask for."""
    start, rest = _start(typed), filters.without("q")
    if not start:
        return []
    candidates: dict[Kind, Iterator[tuple[str, Filters]]] = {
        "title": ((label, rest.with_("q", label)) for label in _titles(session, start)),
        "company": ((name, rest.with_("company", slug)) for name, slug in _companies(session, typed, now)),
        "skill": ((label, rest.with_("q", label)) for label in skills.beginning(start)[:SKILLS]),
        "place": _places(typed, rest),
    }
    found: list[Suggestion] = []
    for kind, wanted in candidates.items():
        if kind == "title":  # they are counted before they are chosen: the commonest come first
            counted = sorted(_living(session, kind, wanted, now), key=lambda one: -one.total)
            found += counted[: SHOWN[kind]]
        else:
            asked = {one.filters for one in found}
            fresh = (pair for pair in wanted if pair[1] not in asked)
            found += islice(_living(session, kind, fresh, now), SHOWN[kind])
    return found[:MOST]


def suggest_places(session: Session, typed: str, filters: Filters, now: datetime) -> list[Suggestion]:
    """The places that `typed` may become, in a listing filtered by `filters` otherwise."""
    rest = filters.without("place")
    return list(_living(session, "place", _places(typed, rest), now)) if _start(typed) else []


def _start(typed: str) -> str:
    """The folded words typed so far; empty where they are too few or many, or mean more than words."""
    if len(typed) > LONGEST_TYPED or '"' in typed or parse(typed).excluded:
        return ""
    start = start_of(typed)
    return start if len(start) > 1 or is_solitary(start) else ""


def _living(
    session: Session, kind: Kind, candidates: Iterator[tuple[str, Filters]], now: datetime
) -> Iterator[Suggestion]:
    for label, filters in candidates:
        total = queries.total(session, filters, now)
        if total:
            yield Suggestion(kind, label, filters, total)


def _titles(session: Session, start: str) -> list[str]:
    """The commonest titles that begin so, then those words with the last one completed as titles have it."""
    begun = select(SearchTitle.label).where(SearchTitle.key >= start, SearchTitle.key < start + _LAST)
    labels = list(session.scalars(begun.order_by(SearchTitle.seen.desc(), SearchTitle.key).limit(TITLES)))
    head, _, last = start.rpartition(" ")
    if len(last) >= SHORTEST_KNOWN and last.isalpha():
        completed = (
            select(SearchWord.word)
            .where(SearchWord.word >= last, SearchWord.word < last + _LAST, SearchWord.titles > 0)
            .order_by(SearchWord.titles.desc(), SearchWord.word)
            .limit(COMPLETIONS)
        )
        labels += [f"{head} {word}".strip().capitalize() for word in session.scalars(completed)]
    apart: dict[Query, str] = {}
    for label in labels:
        apart.setdefault(parse(label), label)
    return list(apart.values())


def _companies(session: Session, typed: str, now: datetime) -> list[tuple[str, str]]:
    """Name and address of companies whose name begins so and that have live postings."""
    begun = _begins(session, " ".join(typed.casefold().split()))
    hiring = select(Posting.id).where(Posting.company_id == Company.id, live(now)).exists()
    rows = session.execute(
        select(Company.name, Company.slug).where(begun, hiring).order_by(Company.name_key, Company.id).limit(COMPANIES)
    )
    return [(name, slug) for name, slug in rows]


def _begins(session: Session, start: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        return (Company.name_key >= start) & (Company.name_key < start + _LAST)
    return Company.name_key.startswith(start, autoescape=True)


def _places(typed: str, filters: Filters) -> Iterator[tuple[str, Filters]]:
    places = {gazetteer.label(place): place for place in reversed(gazetteer.suggest(typed, PLACES))}  # a city before
    wanted = ((label, filters.with_("place", place.slug)) for label, place in reversed(places.items()))
    return ((label, chosen) for label, chosen in wanted if chosen != filters)
