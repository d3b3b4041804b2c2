"""Which ordinals are live now, kept up as time goes on: postings begin and end with no write at all."""

import heapq
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from app.domain.search.index.ordinals import bitmap

if TYPE_CHECKING:
    from app.domain.search.index.columns import Columns

_AHEAD = 600_000_000
"""Microseconds for which beginnings and ends are looked up at once."""


class Agenda:
    """The live ordinals at one instant, and what will change them soon. Instants are microseconds since 1970."""

    def __init__(self, columns: "Columns") -> None:
        self._columns = columns
        self._at = self._until = 0
        self._live = BitMap()
        self._coming: list[tuple[int, int]] = []

    def live(self, now: int) -> BitMap:
        """The ordinals live at `now`; not to be changed by who asks."""
        if not self._at <= now < self._until:
            self._look(now)
        while self._coming and self._coming[0][0] <= now:
            self._judge(heapq.heappop(self._coming)[1], now)
        self._at = now
        return self._live

    @property
    def until(self) -> int:
        """The next instant at which an ordinal begins or ends, or may."""
        return self._coming[0][0] if self._coming else self._until

    def changed(self, ordinals: list[int]) -> None:
        """These hold other facts now."""
        for ordinal in ordinals:
            self._judge(ordinal, self._at)
            for instant in (self._columns["published"][ordinal], self._columns["expires"][ordinal]):
                if self._at < instant < self._until:
                    heapq.heappush(self._coming, (int(instant), ordinal))

    def _judge(self, ordinal: int, now: int) -> None:
        if self._columns["published"][ordinal] <= now < self._columns["expires"][ordinal]:
            self._live.add(ordinal)
        else:
            self._live.discard(ordinal)

    def _look(self, now: int) -> None:
        published, expires = self._columns["published"], self._columns["expires"]
        self._at, self._until = now, now + _AHEAD
        self._live = bitmap(np.flatnonzero((published <= now) & (expires > now)))
        self._live.run_optimize()
        self._coming = [
            (int(instants[ordinal]), int(ordinal))
            for instants in (published, expires)
            for ordinal in np.flatnonzero((instants > now) & (instants < self._until))
        ]
        heapq.heapify(self._coming)
