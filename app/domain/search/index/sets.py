"""Which postings fulfil one condition: sets of ordinals, made when first asked for and kept while they are asked."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.domain.search.grammar import Phrase, Term
from app.domain.search.index.ordinals import as_array, bitmap
from app.domain.search.index.reading import Array, ids
from app.domain.search.index.several import Several
from app.domain.search.plain.conditions import saying

if TYPE_CHECKING:
    from app.domain.search.index.board import Board

MOST_BYTES = 128 << 20
"""What all kept sets together may take; half of it is enough for the common words of a million postings."""
MOST_ROWS = 64
"""Rows of sets that are remembered: what a seeker types is among their names."""
_MENDED, _MENDED_FOR_EACH = 512, 100
"""A kept set is mended where so many postings or fewer have changed, or one for so many of its own; else made anew."""
MOST_CHANGES = 50_000
"""Changes that are written down before all sets are let go."""


class Condition(Protocol):
    """A hashable condition on postings."""

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        """For each of these ordinals, whether it fulfils the condition."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A column has this value."""

    column: str
    value: int

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        found: Array = board.columns[self.column][index] == self.value
        return found


@dataclass(frozen=True, slots=True)
class Paid:
    """Pay is stated in a currency (by its code) and reaches an amount in minor units a year."""

    currency: int
    least: int

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        columns = board.columns
        found: Array = (columns["currency"][index] == self.currency) & (columns["pay"][index] >= self.least)
        return found


@dataclass(frozen=True, slots=True)
class Has:
    """One of its "places" or "countries" is this one."""

    fact: str
    value: int

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        several: Several = getattr(board, self.fact)
        return several.having(self.value, index)


@dataclass(frozen=True, slots=True)
class At:
    """One of the places is in a region, or within a distance of a city: the place's slug, and kilometres."""

    slug: str
    radius_km: int

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        return board.places.holding(board.map.near(self.slug, self.radius_km), index)


@dataclass(frozen=True, slots=True)
class Around:
    """One of the places is a city within a distance of the city with this id."""

    place_id: int
    radius_km: int

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        return board.places.holding(board.map.around(self.place_id, self.radius_km), index)


@dataclass(frozen=True, slots=True)
class Says:
    """The text, or the title alone, has a term; the engine says where."""

    term: Term
    title: bool = False

    def holds(self, board: "Board", session: Session, index: slice | Array) -> Array:
        held = np.zeros(board.columns.size, bool)
        among = None if isinstance(index, slice) else board.columns["id"][index].tolist()
        found = ids(session, *saying(session, self.term, title=self.title), among)
        held[board.columns.ordinals(found)] = True
        return held[index]


class Said(NamedTuple):
    """A word's set as it is written down: changes from `read` on in the journal are not in it yet."""

    word: Says
    ordinals: BitMap
    read: int


class _Kept:
    __slots__ = ("nbytes", "ordinals", "read")

    def __init__(self, ordinals: BitMap, read: int) -> None:
        self.ordinals, self.read = ordinals, read
        self.nbytes = 200 + min(2 * len(ordinals), ((ordinals.max() if ordinals else 0) >> 3) + 1)

    def is_worth_mending(self, changes: int) -> bool:
        return changes <= max(_MENDED, len(self.ordinals) // _MENDED_FOR_EACH)


class Sets:
    """The sets of one board. What changed stands in a journal, which each kept set reads on when it is asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Condition, _Kept] = OrderedDict()
        self._journal: list[int] = []
        self._rows: dict[Hashable, list[BitMap]] = {}
        self.nbytes = 0
        self.changes = 0
        """How many facts have changed at the most."""

    def changed(self, ordinals: list[int]) -> None:
        """These ordinals hold other facts now."""
        self._journal += ordinals
        self._rows.clear()
        self.changes += len(ordinals)
        if len(self._journal) > MOST_CHANGES:
            self.forget()

    def forget(self) -> None:
        self._kept.clear()
        self._rows.clear()
        self._journal.clear()
        self.nbytes = 0

    def forget_places(self) -> None:
        """Places came: what lies near is known no more."""
        for condition in [one for one in self._kept if isinstance(one, At | Around)]:
            self.nbytes -= self._kept.pop(condition).nbytes

    def renumbered(self, numbers: Array) -> None:
        """Ordinals changed: `numbers` holds each one's new one, -1 for what is gone."""
        for kept in self._kept.values():
            kept.ordinals = _renumbered(kept.ordinals, numbers)
        self._journal = _moved(self._journal, numbers)
        self._rows.clear()

    def of(self, board: "Board", session: Session, condition: Condition) -> BitMap:
        """The ordinals that fulfil a condition; not to be changed by who asks. May hold ordinals of what is gone."""
        kept = self._kept.get(condition)
        if kept is not None and not kept.is_worth_mending(len(self._journal) - kept.read):
            self.nbytes -= self._kept.pop(condition).nbytes
            kept = None
        if kept is None:
            held = condition.holds(board, session, slice(None))
            kept = self._keep(condition, _Kept(bitmap(np.flatnonzero(held)), len(self._journal)))
        elif kept.read < len(self._journal):
            self._read_on(board, session, condition, kept)
        self._kept.move_to_end(condition)
        return kept.ordinals

    def has(self, condition: Condition) -> bool:
        """Whether a set is at hand, or nearly."""
        kept = self._kept.get(condition)
        return kept is not None and kept.is_worth_mending(len(self._journal) - kept.read)

    def words(self) -> Iterator[tuple[str, BitMap]]:
        """Every word known so far, as a token, with who has it, or had it when it was last asked for."""
        for one, kept in self._kept.items():
            if isinstance(one, Says) and not one.title and isinstance(one.term, Phrase) and len(one.term.tokens) == 1:
                yield one.term.tokens[0], kept.ordinals

    def said(self, numbers: Array) -> tuple[list[int], list[Said]]:
        """The journal and the words' sets, least asked first, by other numbers of the ordinals, -1 for what is gone."""
        words = ((one, kept) for one, kept in self._kept.items() if isinstance(one, Says))
        found = [Said(word, _renumbered(kept.ordinals, numbers), kept.read) for word, kept in words]
        return _moved(self._journal, numbers), found

    def know(self, journal: list[int], words: Iterable[Said]) -> None:
        """The reverse, for a board whose sets nobody has asked for yet."""
        self._journal = journal
        for word, ordinals, read in words:
            self._keep(word, _Kept(ordinals, read))

    def row(
        self, board: "Board", session: Session, name: Hashable, conditions: Callable[[], Sequence[Condition]]
    ) -> list[BitMap]:
        """The sets of conditions that are asked together, under a name of theirs, until something changes."""
        found = self._rows.get(name)
        if found is None:
            found = [self.of(board, session, condition) for condition in conditions()]
            if len(self._rows) >= MOST_ROWS:
                self._rows.clear()
            self._rows[name] = found
        return found

    def _keep(self, condition: Condition, kept: _Kept) -> _Kept:
        self._kept[condition] = kept
        self.nbytes += kept.nbytes
        self._make_room()
        return kept

    def _read_on(self, board: "Board", session: Session, condition: Condition, kept: _Kept) -> None:
        changed = np.unique(np.array(self._journal[kept.read :], np.int64))
        changed = changed[changed >= 0]
        held = condition.holds(board, session, changed)
        kept.ordinals = (kept.ordinals - bitmap(changed[~held])) | bitmap(changed[held])
        kept.read = len(self._journal)

    def _make_room(self) -> None:
        if self.nbytes > MOST_BYTES:
            self._rows.clear()  # they would hold what is let go
        while self.nbytes > MOST_BYTES and len(self._kept) > 1:
            _, kept = self._kept.popitem(last=False)
            self.nbytes -= kept.nbytes


def _renumbered(ordinals: BitMap, numbers: Array) -> BitMap:
    moved = numbers[as_array(ordinals)]
    return bitmap(np.sort(moved[moved >= 0]))


def _moved(journal: list[int], numbers: Array) -> list[int]:
    moved: list[int] = numbers[journal].tolist() if journal else []
    return moved
