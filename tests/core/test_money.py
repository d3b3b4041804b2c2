from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import LARGEST, Period, format_range, is_currency, to_major, to_minor, yearly


@pytest.mark.parametrize(
    ("period", "a_year"),
    [(Period.HOUR, 208_000), (Period.DAY, 26_000), (Period.WEEK, 5_200), (Period.MONTH, 1_200), (Period.YEAR, 100)],
)
def test_a_year_of_each_period(period, a_year):
    assert yearly(100, period) == a_year


def test_a_yearly_equivalent_beyond_64_bit_is_refused():
    assert yearly(LARGEST, Period.YEAR) == LARGEST
    with pytest.raises(ValueError):
        yearly(LARGEST, Period.HOUR)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.345", "EUR", 1235), (1000, "JPY", 1000), ("1.234", "KWD", 1234), (Decimal("0.005"), "USD", 1), (0, "USD", 0)],
)
def test_minor_units_follow_the_currency(amount, currency, minor):
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize("amount", ["", "x", "NaN", "Infinity", "1e400", "1e18", "1" * 60])
def test_what_is_no_amount_or_too_large_is_refused(amount):
    with pytest.raises(ValueError):
        to_minor(amount, "EUR")


@given(st.integers(-LARGEST, LARGEST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_major_and_minor_lead_back(minor, currency):
    assert to_minor(to_major(minor, currency), currency) == minor


def test_only_money_in_use_is_a_currency():
    assert is_currency("EUR") and is_currency("ETB")
    assert not any(map(is_currency, ["DEM", "XAU", "eur", "", "ABC"]))


@pytest.mark.parametrize(
    ("low", "high", "currency", "period", "words"),
    [
        (7_800_000, 9_600_000, "EUR", Period.YEAR, "€78k – €96k a year"),
        (1_500, 1_900, "USD", Period.HOUR, "$15 – $19 an hour"),
        (1_500, 1_950, "USD", Period.HOUR, "$15.00 – $19.50 an hour"),
        (320_000, 320_000, "EUR", Period.MONTH, "€3,200 a month"),
        (None, 5_000_000, "GBP", Period.YEAR, "up to £50k a year"),
        (7_774_400, 10_106_700, "USD", Period.YEAR, "$77,744 – $101,067 a year"),
        (200_000_000, 225_000_000, "INR", Period.YEAR, "₹2,000,000 – ₹2,250,000 a year"),
        (280_000, 280_000, "PLN", Period.MONTH, "PLN\xa02,800 a month"),
        (300_000, 500_000, "JPY", Period.MONTH, "¥300k – ¥500k a month"),
    ],
)
def test_pay_in_words(low, high, currency, period, words):
    assert format_range(low, high, currency, period) == words
