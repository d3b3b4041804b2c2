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
        if len(values) < 2:
            self._one[ordinal] = values[0] if values else 0
            return
        late = -1 - int(self._one[ordinal]) - len(self._first)
        if late >= 0:
            self._newer[late] = values
        else:
            self._one[ordinal] = -1 - len(self._first) - len(self._newer)
            self._newer.append(values)

    def pairs(self) -> tuple[Array, Array]:
        """Every ordinal with each of its values."""
        one = self._one[: self._size]
        single, several = np.flatnonzero(one > 0), np.flatnonzero(one < 0)
        places, values = self._filed(-1 - one[several])
        return np.concatenate((single, several[places])), np.concatenate((one[single], values))

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
            places, values = self._filed(-1 - one[several])
            held[several[places[_among(wanted, values)]]] = True
        return held

    def having(self, value: int, index: slice | Array) -> Array:
        """For each ordinal of `index`, whether it has one value (not 0)."""
        one = self._one[: self._size][index]
        held: Array = one == value
        several = np.flatnonzero(one < 0)
        if len(several):
            rows = np.zeros(len(self._first) + len(self._newer), bool)
            rows[np.searchsorted(self._first, np.flatnonzero(self._values == value), "right") - 1] = True
            rows[len(self._first) :] = [value in values for values in self._newer]
            held[several[rows[-1 - one[several]]]] = True
        return held

    def _filed(self, rows: Array) -> tuple[Array, Array]:
        """All values of these rows, each behind the place in `rows` of the one it is of."""
        filed = np.flatnonzero(rows < len(self._first))
        first, lengths = self._first[rows[filed]], self._lengths[rows[filed]]
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        late = [
            (place, value)
            for place in np.flatnonzero(rows >= len(self._first)).tolist()
            for value in self._newer[rows[place] - len(self._first)]
        ]
        newer = np.array(late, np.int64).reshape(-1, 2)
        return (
            np.concatenate((np.repeat(filed, lengths), newer[:, 0])),
            np.concatenate((self._values[np.repeat(first, lengths) + steps], newer[:, 1])),
        )


def _among(wanted: Array, values: Array) -> Array:
    """For each value whether it is wanted; none below 1 or beyond what is known is."""
    bounded = np.append(wanted, False)
    bounded[0] = False
    held: Array = bounded.take(values, mode="clip")
    return held
