"""Which postings fulfil one condition: sets of ordinals, made when first asked for and kept while they are asked."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.domain.search.grammar import Term
from app.domain.search.index.ordinals import as_array, bitmap
from app.domain.search.index.reading import Array, ids
from app.domain.search.index.several import Several
from app.domain.search.plain.conditions import saying

if TYPE_CHECKING:
    from app.domain.search.index.board import Board

MOST_BYTES = 64 << 20
"""What all kept sets together may take."""
_MOST_CHANGED = 512
"""Changed postings up to which a kept set is mended; beyond, it is made anew."""


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
        wanted = np.zeros(self.value + 1, bool)
        wanted[self.value] = True
        several: Several = getattr(board, self.fact)
        return several.holding(wanted, index)


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


class _Kept:
    __slots__ = ("nbytes", "ordinals", "read")

    def __init__(self, ordinals: BitMap, read: int) -> None:
        self.ordinals, self.read = ordinals, read
        self.nbytes = 200 + min(2 * len(ordinals), ((ordinals.max() if ordinals else 0) >> 3) + 1)


class Sets:
    """The sets of one board. What changed stands in a journal, which each kept set reads on when it is asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Condition, _Kept] = OrderedDict()
        self._journal: list[int] = []
        self._rows: dict[Hashable, tuple[int, list[BitMap]]] = {}
        self.nbytes = 0
        self.changes = 0
        """How many facts have changed at the most."""

    def changed(self, ordinals: list[int]) -> None:
        """These ordinals hold other facts now."""
        self._journal += ordinals
        self.changes += len(ordinals)
        if len(self._journal) > 100 * _MOST_CHANGED:
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
            moved = numbers[as_array(kept.ordinals)]
            kept.ordinals = bitmap(np.sort(moved[moved >= 0]))
        self._journal = numbers[self._journal].tolist() if self._journal else []
        self._rows.clear()

    def of(self, board: "Board", session: Session, condition: Condition) -> BitMap:
        """The ordinals that fulfil a condition; not to be changed by who asks. May hold ordinals of what is gone."""
        kept = self._kept.get(condition)
        if kept is not None and len(self._journal) - kept.read > _MOST_CHANGED:
            self.nbytes -= self._kept.pop(condition).nbytes
            kept = None
        if kept is None:
            held = condition.holds(board, session, slice(None))
            kept = self._kept[condition] = _Kept(bitmap(np.flatnonzero(held)), len(self._journal))
            self.nbytes += kept.nbytes
            self._make_room()
        elif kept.read < len(self._journal):
            self._read_on(board, session, condition, kept)
        self._kept.move_to_end(condition)
        return kept.ordinals

    def row(
        self, board: "Board", session: Session, name: Hashable, conditions: Callable[[], Sequence[Condition]]
    ) -> list[BitMap]:
        """The sets of conditions that are always asked together, under a name of theirs."""
        changes, found = self._rows.get(name, (-1, []))
        if changes != self.changes:
            found = [self.of(board, session, condition) for condition in conditions()]
            self._rows[name] = self.changes, found
        return found

    def _read_on(self, board: "Board", session: Session, condition: Condition, kept: _Kept) -> None:
        changed = np.unique(np.array(self._journal[kept.read :], np.int64))
        changed = changed[changed >= 0]
        held = condition.holds(board, session, changed)
        kept.ordinals = (kept.ordinals - bitmap(changed[~held])) | bitmap(changed[held])
        kept.read = len(self._journal)

    def _make_room(self) -> None:
        while self.nbytes > MOST_BYTES and len(self._kept) > 1:
            _, kept = self._kept.popitem(last=False)
            self.nbytes -= kept.nbytes
