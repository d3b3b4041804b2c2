"""Reading the board's listings. The seam: `backend` is the one place where it is chosen who finds."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.cache import POSTINGS, Question, kept
from app.core.paging import seal, unseal
from app.domain.companies.models import Company
from app.domain.companies.queries import merged_slugs
from app.domain.postings.models import Category, Posting
from app.domain.postings.queries import former_slugs, live
from app.domain.search.answers import Backend, Card, Facets, Page, Position
from app.domain.search.filters import Filters, Parsed, parse
from app.domain.search.index.backend import IndexBackend
from app.domain.search.keeping import Sizes, next_change, plain_sizes, sizes_of
from app.domain.search.plain.backend import CARDS, PlainBackend

index = IndexBackend(PlainBackend())
backend: Backend = index
MOST_ON_A_PAGE = 100
LONGEST_READ = 20_000
"""Characters of a description in which words are looked for."""


_TOO_BROAD = (
    "Too many jobs have these words to look for them side by side, or to look for all that begin so. Leave out the"
    " quotes, hyphens and *."
)


def known(session: Session, parsed: Parsed, now: datetime) -> Parsed:
    """`parsed` without the categories and companies this board does not have, and without words that would take too
    long, each told as a problem.

    Former addresses of those it has become the present ones, and are told in `moved`.
    """
    filters, problems = _present(session, parsed.filters), dict(parsed.problems)
    moved = filters != parsed.filters
    if backend.too_broad(session, filters.query, now):
        filters, problems["q"] = filters.without("q"), _TOO_BROAD
    for argument, model in (("category", Category), ("company", Company)):
        asked = filters.values(argument)
        if not asked:
            continue
        found = set(session.scalars(select(model.slug).where(model.slug.in_(asked))))
        if len(found) < len(asked):
            problems[argument] = f"There is no such {argument} here."
            filters = filters.among(argument, found)
    return replace(parsed, filters=filters, problems=problems, moved=moved)


def _present(session: Session, filters: Filters) -> Filters:
    """These filters with the present addresses of merged companies and of renamed or merged categories."""
    for argument, followed in (("category", former_slugs), ("company", merged_slugs)):
        asked = filters.values(argument)
        present = followed(session, asked) if asked else {}
        if present:
            others = [pair for pair in filters.to_args() if pair[0] != argument]
            named = [(argument, present.get(slug, slug)) for slug in asked]
            filters = parse([*others, *named], filters.default_currency).filters
    return filters


def steady(session: Session) -> AbstractContextManager[None]:
    """While this lasts a page and its facets are of one moment, and no other thread makes one wait for plain SQL.

    The reading transaction may begin anew at its start: what was read before is from before.
    """
    return backend.steady(session)


def search(
    session: Session,
    filters: Filters,
    now: datetime,
    *,
    key: bytes,
    limit: int = 20,
    after: str | None = None,
    instead: Filters | None = None,
) -> Page:
    """One page of a listing: at most `limit` cards (1 to 100) behind the cursor `after`, sealed with `key`.

    `instead` is what the page holds where the words asked for were set right: in the same order, and its cursors
    belong to what was asked. Raises BadCursor where `after` was not issued for these filters and this order.
    """
    limit = min(max(limit, 1), MOST_ON_A_PAGE)
    position = unseal(key, filters.fingerprint, after) if after is not None else None
    found = backend.page(session, instead or filters, now, limit + 1, position)
    cards, positions = tuple(card for card, _ in found[:limit]), tuple(position for _, position in found[:limit])
    return Page(cards, seal(key, filters.fingerprint, positions[-1]) if len(found) > limit else None, positions)


def cursor(filters: Filters, position: Position, key: bytes) -> str:
    """What leads to the cards behind this position of the listing."""
    return seal(key, filters.fingerprint, position)


def total(session: Session, filters: Filters, now: datetime) -> int:
    """How many live postings the listing holds."""
    return backend.total(session, filters, now)


def by_category(session: Session, now: datetime) -> Sizes:
    """How many live postings there are, and how many under each category that has some, in the board's order. Kept."""
    question = Question(
        "by category", lambda: _by_category(session, now), lambda: next_change(session, now), plain_sizes, sizes_of
    )
    return kept(session, POSTINGS, question, now)


def _by_category(session: Session, now: datetime) -> Sizes:
    found = backend.facets(session, Filters(), now, "USD", None)
    return found.total, tuple(option for option in found.by_argument["category"].options if option.count)


def facets(session: Session, filters: Filters, now: datetime, *, currency: str, expanded: str | None = None) -> Facets:
    """The total and every facet, exact, each counted without its own filter.

    `currency` is the board's, for pay steps where the filters name none; `expanded` an argument whose long tail
    of options is wanted.
    """
    return backend.facets(session, filters, now, currency, expanded)


def cards(session: Session, posting_ids: Sequence[int], now: datetime) -> dict[int, Card]:
    """The cards of those of these postings (100 at the most) that are live, by id."""
    rows = session.execute(CARDS.where(Posting.id.in_(posting_ids[:MOST_ON_A_PAGE]), live(now)))
    return {row[0]: Card(*row) for row in rows}


def descriptions(session: Session, posting_ids: Sequence[int]) -> dict[int, str]:
    """How the descriptions of these postings (100 at the most) begin, as plain text, by id."""
    text = func.substr(Posting.description_text, 1, LONGEST_READ)
    return dict(session.execute(select(Posting.id, text).where(Posting.id.in_(posting_ids[:MOST_ON_A_PAGE]))).all())
