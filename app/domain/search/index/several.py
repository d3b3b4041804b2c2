"""A fact of which a posting may have several: its places, its countries."""

import numpy as np
from pyroaring import BitMap

from app.domain.search.index.columns import roomy
from app.domain.search.index.ordinals import as_array
from app.domain.search.index.reading import Array

_SEVERAL = -1


class Several:
    """Most postings have one value or none, which stands in a column; the others' stand one after another."""

    def __init__(self, one: Array, ordinals: Array, values: Array) -> None:
        """`ordinals` (sorted) and `values` are the pairs of postings with several."""
        self._one, self._size = one, len(one)
        self._values = values
        self._of, self._first = np.unique(ordinals, return_index=True)
        self._ends = np.append(self._first[1:], len(values))
        self._filed = BitMap(self._of.tolist())
        self._newer: dict[int, tuple[int, ...]] = {}

    @classmethod
    def of_pairs(cls, size: int, ordinals: Array, values: Array) -> "Several":
        """From (ordinal, value) pairs in any order."""
        order = np.lexsort((values, ordinals))
        ordinals, values = ordinals[order].astype(np.int32), values[order].astype(np.int32)
        number = np.bincount(ordinals, minlength=size)
        one = np.zeros(size, np.int32)
        one[ordinals] = values
        one[number > 1] = _SEVERAL
        among = number[ordinals] > 1
        return cls(one, ordinals[among], values[among])

    def put(self, ordinal: int, values: tuple[int, ...]) -> None:
        """Other values for one posting, or the first ones of the next."""
        self._one = roomy(self._one, ordinal + 1)
        self._size = max(self._size, ordinal + 1)
        self._filed.discard(ordinal)
        self._newer.pop(ordinal, None)
        self._one[ordinal] = values[0] if len(values) == 1 else _SEVERAL if values else 0
        if len(values) > 1:
            self._newer[ordinal] = values

    def pairs(self) -> tuple[Array, Array]:
        """Every ordinal with each of its values."""
        one = self._one[: self._size]
        single = np.flatnonzero(one > 0)
        ordinals, values = self._unfolded(np.array(self._filed, np.int64))
        newer = [(ordinal, value) for ordinal, found in self._newer.items() for value in found]
        more = np.array(newer, np.int64).reshape(-1, 2)
        return (
            np.concatenate((single, ordinals, more[:, 0])),
            np.concatenate((one[single], values, more[:, 1])),
        )

    def counts(self, hits: BitMap, array: Array) -> Array:
        """How many of `hits` (`array` holds the same) have each value; a value is the place in the answer."""
        one = self._one[array]
        found: Array = np.bincount(one[one > 0])
        more = [self._unfolded(as_array(hits & self._filed))[1]]
        if self._newer:
            more.append(np.array([v for o in hits & BitMap(self._newer.keys()) for v in self._newer[o]], np.int64))
        others = np.concatenate(more)
        if len(others):
            most = max(len(found), int(others.max()) + 1)
            found = np.bincount(others, minlength=most) + np.pad(found, (0, most - len(found)))
        return found

    def holding(self, wanted: Array, index: slice | Array) -> Array:
        """For each ordinal of `index`, whether one of its values is wanted; `wanted` says so for each value."""
        one = self._one[: self._size][index]
        held: Array = wanted[np.clip(one, 0, len(wanted) - 1)] & (one > 0) & (one < len(wanted))
        asked = np.arange(self._size)[index]
        for place in np.flatnonzero(one == _SEVERAL) if isinstance(index, np.ndarray) else ():
            held[place] = any(v < len(wanted) and wanted[v] for v in self._of_one(int(asked[place])))
        if isinstance(index, slice):
            ordinals, values = self._unfolded(as_array(self._filed))
            fits = values < len(wanted)
            fits[fits] = wanted[values[fits]]
            held[ordinals[fits]] = True
            for ordinal, found in self._newer.items():
                held[ordinal] = any(v < len(wanted) and wanted[v] for v in found)
        return held

    def _of_one(self, ordinal: int) -> tuple[int, ...]:
        if ordinal in self._newer:
            return self._newer[ordinal]
        return tuple(self._unfolded(np.array([ordinal]))[1].tolist())

    def _unfolded(self, ordinals: Array) -> tuple[Array, Array]:
        """These ordinals, each with every value filed for it."""
        rows = np.searchsorted(self._of, ordinals)
        first, lengths = self._first[rows], self._ends[rows] - self._first[rows]
        total = int(lengths.sum())
        steps = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return np.repeat(ordinals, lengths), self._values[np.repeat(first, lengths) + steps]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in (self._one, self._values, self._of, self._first, self._ends))
