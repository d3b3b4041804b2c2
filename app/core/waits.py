"""How long to wait before something that failed is tried again."""

from collections.abc import Callable
from datetime import timedelta


def doubled(first: timedelta, longest: timedelta, tries: int, chance: Callable[[], float]) -> timedelta:
    """first · 2^(tries − 1), at most `longest`, times a chance from 0.75 to 1.25, so that not all come back at once."""
    whole: timedelta = min(first * 2 ** min(tries - 1, 20), longest)
    return whole * (0.75 + chance() / 2)
