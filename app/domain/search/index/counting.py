"""Counting a listing's options on the index: few hits one by one, many by whole sets."""

from bisect import insort
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from app.domain.postings.models import WORLDWIDE
from app.domain.search.facets import City, Named, Sheet
from app.domain.search.index.asking import Asked
from app.domain.search.index.ordinals import as_array
from app.domain.search.index.reading import CODES, Array
from app.domain.search.index.sets import Around, Condition, Fact, Has, Paid

FEW = 60_000
"""Hits up to which looking at each for its company or place is faster than meeting the sets of the largest."""
_MOST_MET = 400
"""Sets of companies or places met in search of the largest before each hit is looked at after all."""
_MOST_MADE = 20
"""Those of them that are made for it; a listing that wants more has each of its hits looked at."""


class Base:
    """What the options of one argument are counted over."""

    def __init__(self, asked: Asked, hits: BitMap) -> None:
        self.asked, self.hits, self.number = asked, hits, len(hits)

    @cached_property
    def array(self) -> Array:
        return as_array(self.hits)

    def of_column(self, name: str, codes: Sequence[int]) -> list[int]:
        """How many have each of these few values in a column."""
        return self.meeting_each((name, tuple(codes)), lambda: [Fact(name, code) for code in codes])

    def meeting_each(self, name: Hashable, conditions: Callable[[], Sequence[Condition]]) -> list[int]:
        """How many fulfil each of the conditions that go by a name."""
        asked, meet = self.asked, self.hits.intersection_cardinality
        return [meet(other) for other in asked.board.sets.row(asked.board, asked.session, name, conditions)]

    def every(self, name: str) -> Array:
        """How many have each value of a column; a value is the place in the answer."""
        return np.bincount(self.asked.board.columns[name][self.array])

    def meeting(self, condition: Condition) -> int:
        """How many fulfil a condition."""
        return self.hits.intersection_cardinality(self.asked.set(condition))

    def highest(self, fact: str, condition: Callable[[int], Condition], most: int) -> list[tuple[int, int]] | None:
        """The `most` values most often had, with how often: met in falling order of all postings that have them, until
        no other can be among them. None where that does not end soon.
        """
        values, counts, *_ = largest = self.asked.board.largest(fact)
        found: list[tuple[int, int]] = []
        made = 0
        for value, count in zip(values[:_MOST_MET].tolist(), counts[:_MOST_MET].tolist(), strict=True):
            if len(found) == most and count + largest.slack < -found[-1][0]:
                break
            wanted = condition(value)
            made += not self.asked.board.sets.has(wanted)
            if made > _MOST_MADE:
                return None
            insort(found, (-self.meeting(wanted), value))
            del found[most:]
        else:
            if len(values) > _MOST_MET:
                return None
        if largest.slack and (len(found) < most or -found[-1][0] <= largest.slack):
            return None  # what was not there yet could be among them
        return [(value, -n) for n, value in found if n]


class IndexCounts:
    """What one listing counts."""

    def __init__(self, asked: Asked, sheet: Sheet) -> None:
        self._asked, self._sheet, self._board = asked, sheet, asked.board
        self._bases = {name: Base(asked, asked.but(name)) for name in asked.by_argument}
        self._whole = Base(asked, asked.hits)
        self.total = self._whole.number

    def _base(self, argument: str) -> Base:
        return self._bases.get(argument, self._whole)

    def categories(self) -> list[tuple[Named, int]]:
        named = self._board.categories(self._asked.session)
        counts = self._base("category").of_column("category", [one.id for one in named])
        return list(zip(named, counts, strict=True))

    def values(self, argument: str) -> Mapping[str, int]:
        codes = CODES[argument]
        return dict(zip(codes, self._base(argument).of_column(argument, list(codes.values())), strict=True))

    def countries(self) -> tuple[Mapping[str, int], int]:
        base, codes = self._base("country"), self._board.country_codes
        world = codes.known(WORLDWIDE)
        bound = Base(self._asked, base.hits - self._asked.set(Has("countries", world))) if world else base
        every = range(1, len(codes.texts) + 1)
        counts = bound.meeting_each(("country", len(every)), lambda: [Has("countries", code) for code in every])
        found = {codes.text(code): n for code, n in enumerate(counts, 1) if n and code != world}
        return found, base.number - bound.number

    def companies(self, most: int) -> list[tuple[Named, int]]:
        base = self._base("company")
        found = base.highest("company", lambda id_: Fact("company", id_), most) if base.number > FEW else None
        if found is None:
            counts = base.every("company")
            counts[:1] = 0
            found = _highest(counts, most)
        return self._named(found)

    def chosen_companies(self) -> list[tuple[Named, int]]:
        chosen = self._board.companies_of(self._asked.session, self._sheet.filters.company)
        return list(zip(chosen, self._base("company").of_column("company", [one.id for one in chosen]), strict=True))

    def _named(self, counts: list[tuple[int, int]]) -> list[tuple[Named, int]]:
        named = self._board.companies(self._asked.session, [id_ for id_, _ in counts])
        return [(one, n) for one, (_, n) in zip(named, counts, strict=True)]

    def places(self, most: int) -> tuple[list[int], int]:
        base = self._base("place")
        found = base.highest("places", lambda id_: Has("places", id_), most) if base.number > FEW else None
        if found is not None:
            return [id_ for id_, _ in found], len(found)
        counts = self._board.places.counts(base.array)
        return [id_ for id_, _ in _highest(counts, most)], int(np.count_nonzero(counts))

    def around(self, place_ids: Sequence[int]) -> Iterator[tuple[City, int]]:
        base, radius_km = self._base("place"), self._sheet.filters.radius_km
        for id_ in place_ids:
            city = self._board.map.city(id_)
            if city is not None:
                yield city, base.meeting(Around(id_, radius_km))

    def paying(self) -> list[int]:
        base, code = self._base("salary_min"), self._board.currencies.known(self._sheet.currency)
        if not code:
            return [0] * len(self._sheet.steps.minor)
        steps = self._sheet.steps.minor
        return base.meeting_each(("pay", code, steps), lambda: [Paid(code, least) for least in steps])

    def currencies(self) -> Mapping[str, int]:
        texts = self._board.currencies.texts
        counts = self._base("salary_min").of_column("currency", range(1, len(texts) + 1))
        return {text: n for text, n in zip(texts, counts, strict=True) if n}

    def younger(self) -> list[int]:
        hits = self._base("posted_within").hits
        return [self._asked.number_younger(hits, days) for days in self._sheet.ages]


def _highest(counts: Array, most: int) -> list[tuple[int, int]]:
    """The values counted most often, most first, equals by value, each with its count."""
    found = np.flatnonzero(counts)
    if len(found) > 4 * most:
        least = np.partition(counts[found], len(found) - most)[len(found) - most]
        found = found[counts[found] >= least]
    order = np.lexsort((found, -counts[found]))[:most]
    return [(int(value), int(counts[value])) for value in found[order]]
