"""Dates as feeds write them."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
_LAST_SECOND = 10**11
"""A larger epoch counts milliseconds."""
_PATTERNS = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d")
_slashes = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_epoch = re.compile(r"\d{9,10}|\d{12,13}")


def _of_epoch(number: float) -> date | None:
    try:
        seconds = number / 1000 if number > _LAST_SECOND else number
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _of_slashes(one: int, other: int, year: int) -> date | None:
    """The only day that two numbers can mean, whichever of them is the month."""
    month, day = sorted((one, other))
    if month <= 12 and (day > 12 or day == month):
        try:
            return date(year, month, day)
        except ValueError:
            pass
    return None


def _of_words(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    slashes = _slashes.fullmatch(text)
    if slashes:
        return _of_slashes(*map(int, slashes.groups()))
    for pattern in _PATTERNS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a day, no instant
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_date(value: Any) -> date | None:
    """The day a feed names: an epoch in seconds or milliseconds (UTC), ISO 8601, RFC 822, in English words, 13/11/2026.

    None where it is none of those, or not between `EARLIEST` and `LATEST`. 03/04/2026 may be either day: unread.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()[:60]
        day = _of_epoch(int(text)) if _epoch.fullmatch(text) else _of_words(text)
    else:
        day = _of_epoch(value) if isinstance(value, int | float) and value > 0 else None
    return day if day and EARLIEST <= day <= LATEST else None
