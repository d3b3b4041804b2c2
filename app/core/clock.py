"""The one clock. Edges read it and pass the instant down; nothing below them asks the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_fixed: datetime | None = None


def now() -> datetime:
    """The present instant, aware and in UTC."""
    return _fixed or datetime.now(UTC)


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Every `now()` in this process answers `at` until the block ends (tests, across threads)."""
    global _fixed
    before, _fixed = _fixed, at.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before
