"""A fact of which a posting may have several: its places, its countries."""

import numpy as np

from app.domain.search.index.columns import roomy
from app.domain.search.index.reading import Array


class Several:
    """One number for each ordinal: 0 for no value, the value where there is one, and below 0 where several stand filed.

    What is filed first stands in one array, row behind row; what comes later in a list.
    """

    def __init__(self, one: Array, values: Array, first: Array) -> None:
        """`values` are those of all rows; `first` says where each row begins."""
        self._one, self._size = one, len(one)
        self._values, self._first = values, first
        self._lengths = np.diff(first, append=len(values))
        self._newer: list[tuple[int, ...]] = []

    @classmethod
    def of_pairs(cls, size: int, ordinals: Array, values: Array) -> "Several":
        """From (ordinal, value) pairs in any order. Values, and postings with several, fit into 31 bits."""
        order = np.lexsort((values, ordinals))
        ordinals, values = ordinals[order], values[order].astype(np.int32)
        one = np.zeros(size, np.int32)
        one[ordinals] = values
        number = np.bincount(ordinals, minlength=size)
        several = np.flatnonzero(number > 1)
        one[several] = -1 - np.arange(len(several), dtype=np.int32)
        among = number[ordinals] > 1
        _, first = np.unique(ordinals[among], return_index=True)
        return cls(one, values[among], first)

    def put(self, ordinal: int, values: tuple[int, ...]) -> None:
        """Other values for one posting, or the first ones of the next."""
        self._one = roomy(self._one, ordinal + 1)
        self._size = max(self._size, ordinal + 1)
        if len(values) > 1:
            self._one[ordinal] = -1 - len(self._first) - len(self._newer)
            self._newer.append(values)
        else:
            self._one[ordinal] = values[0] if values else 0

    def pairs(self) -> tuple[Array, Array]:
        """Every ordinal with each of its values."""
        one = self._one[: self._size]
        single, several = np.flatnonzero(one > 0), np.flatnonzero(one < 0)
        lengths, values = self._filed(-1 - one[several])
        return np.concatenate((single, np.repeat(several, lengths))), np.concatenate((one[single], values))

    def counts(self, ordinals: Array) -> Array:
        """How many of these have each value; a value is the place in the answer."""
        one = self._one[ordinals]
        counts: Array = np.bincount(np.maximum(one, 0))
        several = one[one < 0]
        if len(several):
            others = np.bincount(self._filed(-1 - several)[1], minlength=len(counts))
            others[: len(counts)] += counts
            counts = others
        counts[:1] = 0
        return counts

    def holding(self, wanted: Array, index: slice | Array) -> Array:
        """For each ordinal of `index`, whether one of its values is wanted; `wanted` says so for each value."""
        one = self._one[: self._size][index]
        held = _among(wanted, one)
        several = np.flatnonzero(one < 0)
        if len(several):
            lengths, values = self._filed(-1 - one[several])
            rows = np.repeat(several, lengths)
            held[rows[_among(wanted, values)]] = True
        return held

    def _filed(self, rows: Array) -> tuple[Array, Array]:
        """How many values each of these rows has, and all of them."""
        if self._newer and (rows >= len(self._first)).any():
            return self._filed_of_both(rows)
        first, lengths = self._first[rows], self._lengths[rows]
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return lengths, self._values[np.repeat(first, lengths) + steps]

    def _filed_of_both(self, rows: Array) -> tuple[Array, Array]:
        found = []
        for row in rows.tolist():
            if row < len(self._first):
                start = self._first[row]
                found.append(tuple(self._values[start : start + self._lengths[row]].tolist()))
            else:
                found.append(self._newer[row - len(self._first)])
        lengths = np.array([len(values) for values in found], np.int64)
        return lengths, np.array([value for values in found for value in values], np.int32)

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in (self._one, self._values, self._first, self._lengths))


def _among(wanted: Array, values: Array) -> Array:
    """For each value whether it is wanted; none below 1 or beyond what is known is."""
    known = (values > 0) & (values < len(wanted))
    held: Array = known & wanted[np.where(known, values, 0)]
    return held
