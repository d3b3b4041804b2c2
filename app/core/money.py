"""Money in minor units, the periods pay is stated for, and their yearly equivalents."""

import enum
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, get_currency_symbol

LARGEST = 2**63 - 1
"""The most a column of 64 signed bits holds."""

_MOST_DIGITS = 30


class Period(enum.StrEnum):
    """What a pay is for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


YEARLY_FACTOR = {Period.HOUR: 2080, Period.DAY: 260, Period.WEEK: 52, Period.MONTH: 12, Period.YEAR: 1}
"""Periods in a working year: 52 weeks of five days of eight hours make 260 days and 2,080 hours."""


@cache
def _currencies() -> frozenset[str]:
    return frozenset(
        code
        for uses in get_global("territory_currencies").values()
        for code, _, until, tender in uses
        if until is None and tender
    )


def is_currency(code: str) -> bool:
    """Whether `code` is the ISO 4217 code (capitals) of money in use today, as CLDR knows it."""
    return code in _currencies()


def _bounded(amount: int) -> int:
    if not -LARGEST <= amount <= LARGEST:
        raise ValueError("This amount is too large.")
    return amount


def yearly(minor: int, period: Period) -> int:
    """The yearly equivalent, in minor units, of `minor` units a `period`. Raises ValueError beyond 64 bit."""
    return _bounded(minor * YEARLY_FACTOR[period])


def to_minor(amount: Decimal | str | int, currency: str) -> int:
    """`amount` major units in whole minor units, half up. Raises ValueError: not a number, or too large."""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        raise ValueError("This is not an amount.") from None
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise ValueError("This is not an amount.")
    if not number:
        return 0
    scaled = number.scaleb(get_currency_precision(currency))
    return _bounded(int(scaled.quantize(Decimal(1), ROUND_HALF_UP)))


def to_major(minor: int, currency: str) -> Decimal:
    """`minor` units as an amount in major units, exact."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def _shortened(amount: Decimal) -> tuple[Decimal, str] | None:
    """`96000` as (96, "k"), `1200000` as (1.2, "M"); None where that would round."""
    unit, letter = (1_000_000, "M") if amount >= 1_000_000 else (1_000, "k")
    return (amount / unit, letter) if amount >= 10_000 and amount * 10 % unit == 0 else None


def _in_words(amount: Decimal, suffix: str, currency: str, digits: int) -> str:
    space = "\xa0" if get_currency_symbol(currency, locale="en")[-1].isalpha() else ""
    pattern = f"¤{space}#,##0" + ("." + "0" * digits if digits else "")
    return format_currency(amount, currency, pattern, locale="en", currency_digits=False) + suffix


def format_range(low: int | None, high: int, currency: str, period: Period) -> str:
    """Pay in words, from minor units: `€78k – €96k a year`, `$15 – $19 an hour`, `€3,200 a month`."""
    bounds = [high] if low is None or low == high else [low, high]
    amounts = [to_major(minor, currency) for minor in bounds]
    short = [_shortened(amount) for amount in amounts]
    if all(short):
        words = [_in_words(*pair, currency, 0 if pair[0] % 1 == 0 else 1) for pair in short if pair]
    else:
        digits = get_currency_precision(currency) if any(amount % 1 for amount in amounts) else 0
        words = [_in_words(amount, "", currency, digits) for amount in amounts]
    unit = f"an {period}" if period is Period.HOUR else f"a {period}"
    return f"{'up to ' if low is None else ''}{' – '.join(words)} {unit}"
