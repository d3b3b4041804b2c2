"""What every reader yields."""

from typing import Any, NamedTuple


class Entry(NamedTuple):
    """A row at its line (counted from 1), or the reason why that line holds none."""

    line: int
    row: dict[str, Any] | None
    reason: str | None
