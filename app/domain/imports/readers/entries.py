"""What a reader is, and what every reader yields."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """A row at its line or item (counted from 1), or the reason why there is none.

    With `breaks_off` nothing behind it could be read: what the file holds beyond is not known.
    """

    line: int
    row: dict[str, Any] | None
    reason: str | None
    breaks_off: bool = False


class Format(NamedTuple):
    """How a format is recognised, how many lines or items a file of it has, and how its rows are read.

    None of the three raises anything but OSError.
    """

    recognises: Callable[[Path], bool]
    lines: Callable[[Path], int]
    read: Callable[[Path], Iterator[Entry]]


class Unreadable(Exception):
    """A file that cannot be read, or not further; the message is a sentence that says why."""
