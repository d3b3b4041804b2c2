"""Packed columns that grow at their end, and the way from a posting's id to its ordinal."""

from typing import Any

import numpy as np

from app.domain.search.index.reading import TYPES, Array

_SPARE = 1024


def roomy(values: Array, size: int) -> Array:
    """The same values in an array with room for more than `size`."""
    if size <= len(values):
        return values
    grown = np.zeros(size + max(_SPARE, size // 32), values.dtype)
    grown[: len(values)] = values
    return grown


class Columns:
    """One array a fact; an ordinal is the place in each."""

    def __init__(self, columns: dict[str, Array]) -> None:
        self.size = len(columns["id"])
        self._arrays = columns
        self._ordinals = np.full(int(columns["id"].max(initial=0)) + 1, -1, np.int32)
        here = np.flatnonzero(columns["expires"])
        self._ordinals[columns["id"][here]] = here

    def __getitem__(self, name: str) -> Array:
        """A column of `size` values. To be read only: what grows later is not in it."""
        return self._arrays[name][: self.size]

    def ordinal(self, posting_id: int) -> int:
        """Where a posting is; -1 where it is not here."""
        return int(self._ordinals[posting_id]) if posting_id < len(self._ordinals) else -1

    def ordinals(self, posting_ids: Array) -> Array:
        """The same for many, without those that are not here."""
        known = posting_ids[posting_ids < len(self._ordinals)]
        found = self._ordinals[known]
        return found[found >= 0]

    def append(self, row: dict[str, Any]) -> int:
        """A posting at the end; its ordinal."""
        ordinal = self.size
        for name, array in self._arrays.items():
            self._arrays[name] = roomy(array, ordinal + 1)
        posting_id, known = int(row["id"]), len(self._ordinals)
        self._ordinals = roomy(self._ordinals, posting_id + 1)
        self._ordinals[known:] = -1
        self._ordinals[posting_id] = ordinal
        self.size += 1
        self.put(ordinal, row)
        return ordinal

    def put(self, ordinal: int, row: dict[str, Any]) -> None:
        """Other facts for the posting there."""
        for name in TYPES:
            self._arrays[name][ordinal] = row[name]

    def drop(self, ordinal: int) -> None:
        """The posting there is no more: it ended before all time."""
        self._ordinals[self._arrays["id"][ordinal]] = -1
        self._arrays["expires"][ordinal] = 0

    def in_order(self) -> Array:
        """The ordinals of what is here as the newest-first list has them, from its last to its first."""
        here = np.flatnonzero(self["expires"])
        return here[np.lexsort((self["id"][here], self["published"][here]))]

    def taken(self, order: Array) -> dict[str, Array]:
        """The columns of these ordinals, in this order."""
        return {name: self[name][order] for name in TYPES}
