"""One board in memory, brought up to date from the log of changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings.models import Category
from app.domain.search.answers import Card, Facets
from app.domain.search.changes import Stand, Tail
from app.domain.search.facets import Named, Sheet
from app.domain.search.index.agenda import Agenda
from app.domain.search.index.columns import Columns
from app.domain.search.index.map import Map
from app.domain.search.index.reading import TYPES, Array, Rows, Words, read
from app.domain.search.index.sets import Condition, Sets
from app.domain.search.index.several import Several
from app.domain.search.plain.backend import cards_of

_MARGIN = timedelta(minutes=1)
"""Who asked a moment ago may be answered after who asks now: what ended within this time is read with the rest."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
"""Microseconds."""
MOST_REMEMBERED = 256
"""Listings whose facets are remembered, some 15 kB each."""
_FEW = 2_000
"""Postings out of their order that a list of any size may have before they are put in order."""

_MOST_NAMED, _MOST_CARDS = 5_000, 4_096
"""Companies whose names are remembered, and postings whose cards are, about 1 kB each."""


class Remembered(NamedTuple):
    """What a listing counted, and from when to when time alone does not change it."""

    facets: Facets
    since: datetime
    until: datetime


class Largest(NamedTuple):
    """Values in falling order of the postings that had them, and how many did, when so much had changed."""

    values: Array
    counts: Array
    since: int
    sets: Sets

    @property
    def slack(self) -> int:
        """By how much more any value may be had now."""
        return self.sets.changes - self.since


class Board:
    """What is live or will be, as it stood at one version of the log.

    Ordinals up to `ordered` stand in the list's order; what came later stands behind them as it came. An ordinal that
    is no more keeps its place until the next ordering.
    """

    def __init__(self, stand: Stand, read_at: datetime, rows: Rows, currencies: Words, codes: Words) -> None:
        self.stand, self.read_at = stand, read_at
        self.currencies, self.country_codes = currencies, codes
        self.map = Map()
        self.sets = Sets()
        self._categories: list[Named] | None = None
        self._companies: dict[int, Named] = {}
        self._cards: dict[int, Card] = {}
        columns = Columns(rows.columns)
        order = columns.in_order()
        ids = columns["id"][order].astype(np.int64)
        numbers = np.full(int(ids.max(initial=0)) + 1, -1, np.int64)
        numbers[ids] = np.arange(len(ids))
        self._arrange(
            Columns(columns.taken(order)),
            *(_placed(numbers, *pairs) for pairs in (rows.places, rows.countries)),
        )

    def _arrange(self, columns: Columns, places: tuple[Array, Array], countries: tuple[Array, Array]) -> None:
        self.columns, self.ordered, self._gone = columns, columns.size, 0
        self.places = Several.of_pairs(columns.size, *places)
        self.countries = Several.of_pairs(columns.size, *countries)
        self._agenda = Agenda(columns)
        self._largest: dict[str, Largest] = {}
        self.memo: dict[Sheet, Remembered] = {}

    # what it holds

    def live(self, now: datetime) -> BitMap:
        """The ordinals live at an instant that is not before the board was read."""
        return self._agenda.live(micros(now))

    @property
    def steady_until(self) -> int:
        """The next instant, in microseconds, at which what is live may change by itself."""
        return self._agenda.until

    def remember(self, sheet: Sheet, found: Remembered) -> Remembered:
        """Keep what a listing counted until something changes; all are forgotten when they are too many."""
        if len(self.memo) >= MOST_REMEMBERED:
            self.memo.clear()
        self.memo[sheet] = found
        return found

    def set(self, session: Session, condition: Condition) -> BitMap:
        """The ordinals that fulfil a condition."""
        return self.sets.of(self, session, condition)

    def largest(self, fact: str) -> Largest:
        """The companies or places ("company", "places") that most postings have."""
        known = self._largest.get(fact)
        if known is None or self.sets.changes - known.since > _FEW:
            counts = np.bincount(self.columns[fact] if fact in TYPES else self.places.pairs()[1])
            counts[:1] = 0
            values = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
            known = self._largest[fact] = Largest(values, counts[values], self.sets.changes, self.sets)
        return known

    def categories(self, session: Session) -> list[Named]:
        """Every field of work in the board's order."""
        if self._categories is None:
            rows = select(Category.id, Category.slug, Category.name).order_by(Category.position, Category.id)
            self._categories = [Named(*row) for row in session.execute(rows)]
        return self._categories

    def cards(self, session: Session, ids: Sequence[int]) -> list[Card]:
        """The cards of these postings, in this order."""
        if len(self._cards) > _MOST_CARDS:
            self._cards.clear()
        self._cards |= cards_of(session, [id_ for id_ in ids if id_ not in self._cards])
        return [self._cards[id_] for id_ in ids]

    def companies(self, session: Session, ids: Sequence[int]) -> list[Named]:
        """These companies, in this order."""
        self._forget_some()
        missing = [id_ for id_ in ids if id_ not in self._companies]
        if missing:
            self._know(session, Company.id.in_(missing))
        return [self._companies[id_] for id_ in ids]

    def companies_of(self, session: Session, slugs: Sequence[str]) -> list[Named]:
        """The companies of these addresses, by id; without those there are not."""
        self._forget_some()
        known = {one.slug: one for one in self._companies.values()} if slugs else {}
        if any(slug not in known for slug in slugs):
            known |= self._know(session, Company.slug.in_(slugs))
        return sorted(known[slug] for slug in slugs if slug in known)

    def _forget_some(self) -> None:
        if len(self._companies) > _MOST_NAMED:
            self._companies.clear()

    def _know(self, session: Session, which: Any) -> dict[str, Named]:
        found = [Named(*row) for row in session.execute(select(Company.id, Company.slug, Company.name).where(which))]
        self._companies |= {one.id: one for one in found}
        return {one.slug: one for one in found}

    # what changes it

    def follow(self, session: Session, tail: Tail, now: datetime) -> None:
        """Bring it to where the log stands in the session's transaction."""
        self.read_at = max(self.read_at, now - _MARGIN)
        if tail.names:
            self._categories = None
            self._companies.clear()
            self._cards.clear()
        changed: list[int] = []
        named: list[int] = []
        for start in range(0, len(tail.posting_ids), 500):
            changed += self._renew(session, tail.posting_ids[start : start + 500], named)
        if self.map.learn(session, named):
            self.sets.forget_places()
        for id_ in tail.posting_ids:
            self._cards.pop(id_, None)
        self.memo.clear()
        self.sets.changed(changed)
        self._agenda.changed(changed)
        self.stand = tail.stand
        loose = self.columns.size - self.ordered
        if loose > max(_FEW, self.columns.size >> 6) or self._gone > max(_FEW, self.columns.size >> 3):
            self._put_in_order()

    def _renew(self, session: Session, posting_ids: list[int], named: list[int]) -> list[int]:
        """Read some postings anew; the ordinals that changed. The places they name are added to `named`."""
        rows = read(session, self.read_at, self.currencies, self.country_codes, posting_ids)
        named += rows.places[1].tolist()
        places, countries = _by_posting(rows.places), _by_posting(rows.countries)
        here = {int(id_): place for place, id_ in enumerate(rows.columns["id"])}
        changed = []
        for id_ in posting_ids:
            ordinal = self.columns.ordinal(id_)
            row = {name: rows.columns[name][here[id_]] for name in TYPES} if id_ in here else None
            if ordinal >= 0 and (row is None or row["published"] != self.columns["published"][ordinal]):
                self.columns.drop(ordinal)
                self._gone += 1
                changed.append(ordinal)
                ordinal = -1
            if row is None:
                continue
            if ordinal < 0:
                ordinal = self.columns.append(row)
            else:
                self.columns.put(ordinal, row)
            self.places.put(ordinal, places.get(id_, ()))
            self.countries.put(ordinal, countries.get(id_, ()))
            changed.append(ordinal)
        return changed

    def _put_in_order(self) -> None:
        order = self.columns.in_order()
        numbers = np.full(self.columns.size, -1, np.int64)
        numbers[order] = np.arange(len(order))
        pairs = []
        for ordinals, values in (self.places.pairs(), self.countries.pairs()):
            kept = numbers[ordinals] >= 0
            pairs.append((numbers[ordinals[kept]], values[kept]))
        self._arrange(Columns(self.columns.taken(order)), *pairs)
        self.sets.renumbered(numbers)


def build(session: Session, stand: Stand, now: datetime) -> Board:
    """The board as it stands in the session's transaction."""
    currencies, codes = Words(), Words()
    read_at = now - _MARGIN
    board = Board(stand, read_at, read(session, read_at, currencies, codes), currencies, codes)
    board.map.learn(session)
    return board


def micros(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + instant.microsecond


def instant(micros: int) -> datetime:
    """The reverse."""
    return _EPOCH + timedelta(microseconds=micros)


def _placed(numbers: Array, postings: Array, values: Array) -> tuple[Array, Array]:
    """The pairs of postings that have an ordinal, with that in their place."""
    known = postings < len(numbers)
    ordinals, values = numbers[postings[known]], values[known]
    return ordinals[ordinals >= 0], values[ordinals >= 0]


def _by_posting(pairs: tuple[Array, Array]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for posting, value in zip(*(array.tolist() for array in pairs), strict=True):
        found[posting] = (*found.get(posting, ()), value)
    return found
