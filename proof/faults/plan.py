"""The faults by name, and what each found."""

from collections.abc import Callable
from dataclasses import dataclass, field

Told = list["Finding"]
FAULTS: dict[str, tuple[str, Callable[["Size"], Told]]] = {}
"""Name → (what is done, the function that does it)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How hard: 1 is the fault plan's own figures, less is a rehearsal."""

    share: float = 1.0

    def of(self, whole: int, least: int = 1) -> int:
        return max(least, round(whole * self.share))


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: where it was done, what must be seen, what was seen."""

    where: str
    expected: str
    seen: str
    good: bool
    facts: dict[str, float | int | str] = field(default_factory=dict)


def fault(name: str, done: str) -> Callable[[Callable[[Size], Told]], Callable[[Size], Told]]:
    """Register a fault under its name; `done` says in words what is done."""

    def register(function: Callable[[Size], Told]) -> Callable[[Size], Told]:
        FAULTS[name] = (done, function)
        return function

    return register


def say(words: str) -> None:
    """Progress, for whoever waits."""
    print(f"    {words}", flush=True)
