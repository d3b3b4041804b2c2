"""What all work in the background is given, and how it is named."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.core import clock
from app.core.db import Session, transaction
from app.core.settings import Settings

BATCH = 100
"""Rows changed in one transaction."""


def _never() -> bool:
    return False


def _untold(number: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Shift:
    """One round of work: the board's settings, whom to tell of progress, and whether to stop before the next piece."""

    settings: Settings
    tell: Callable[[int], None] = _untold
    stopping: Callable[[], bool] = _never
    now: Callable[[], datetime] = clock.now
    waits: list[str] = field(default_factory=list)
    """Sentences about what could not be done."""
    stretch: float | None = None
    """Seconds after which work that waits for others is left for the next time; None: it is done to its end."""


def by_batches(shift: Shift, act: Callable[[Session, datetime, int], int]) -> int:
    """Do `act` (session, moment, most at once → how many it did) to its end, a batch a transaction; how many in all."""
    total = 0
    while not shift.stopping():
        with transaction() as session:
            done = act(session, shift.now(), BATCH)
        total += done
        if done < BATCH:
            break
    return total


class Piece(NamedTuple):
    """A named kind of work. `run` answers what it did; with `hourly` the sweep does it once an hour."""

    name: str
    run: Callable[[Shift], Counter[str]]
    hourly: bool = False
