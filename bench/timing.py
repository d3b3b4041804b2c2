"""Measuring: the median of repeated rounds, and how far they lie apart."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """The median of several rounds, and their least and greatest."""

    median: float
    least: float
    most: float


def figure(values: Sequence[float]) -> Figure:
    """Raises ValueError on none."""
    return Figure(median(values), min(values), max(values))


def at(values: Sequence[float], share: float) -> float:
    """The value that this share of them do not exceed (nearest rank)."""
    return sorted(values)[max(0, min(len(values), round(share * len(values))) - 1)]


def once(act: Callable[[], object]) -> float:
    """Milliseconds one call takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def repeated(act: Callable[[], object], rounds: int = 5, seconds: float = 1.5) -> Figure:
    """Milliseconds a call takes: the median within each round, then over the rounds.

    About `seconds` are spent in all; three calls are made even where one takes longer than that.
    """
    first = min(once(act) for _ in range(2)) if rounds > 1 else once(act)
    calls = max(1, int(seconds * 1000 / rounds / max(first, 0.001)))
    if first * rounds > seconds * 1000:
        rounds = max(3, int(seconds * 1000 / first))
    return figure([median(once(act) for _ in range(min(calls, 2000))) for _ in range(rounds)])
