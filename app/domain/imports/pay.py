"""Pay as feeds write it, in minor units. What is unclear stays unread: a wrong figure is worse than none."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_territory_currencies

from app.core.money import YEARLY_FACTOR, Period, is_currency, to_minor

_LONGEST = 400
_WIDEST = 12
"""A range whose top is more than this many times its foot is no statement of pay."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_SIGNS = {
    "us$": "USD", "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "s$": "SGD",
    "hk$": "HKD", "r$": "BRL", "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "pounds": "GBP",
    "₹": "INR", "rs": "INR", "rs.": "INR", "zł": "PLN", "zl": "PLN", "złotych": "PLN", "kč": "CZK",
    "₽": "RUB", "₺": "TRY", "₪": "ILS", "₩": "KRW", "₦": "NGN", "₴": "UAH", "ft": "HUF", "lei": "RON",
    "birr": "ETB",
}
_SHARED = {
    "$": ("USD", {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}),
    "dollars": ("USD", {"USD", "CAD", "AUD", "NZD"}),
    "¥": (None, {"JPY", "CNY"}),
    "kr": (None, {"SEK", "NOK", "DKK", "ISK"}),
}
"""Signs several countries use: what one means where the country has none of its own, and who uses it."""

_STRONG = {"USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"}
_USUAL: dict[str, tuple[tuple[int, int, Period], ...]] = {
    **dict.fromkeys(_STRONG, ((7, 40, Period.HOUR), (15_000, 1_000_000, Period.YEAR))),
    "PLN": ((15, 200, Period.HOUR), (2_000, 60_000, Period.MONTH)),
    "INR": ((150_000, 20_000_000, Period.YEAR),),
}
"""What an amount without a period can only mean, by currency: (least, most, period)."""

_LEAST_A_YEAR = {**dict.fromkeys(_STRONG, 1_000), "PLN": 5_000, "INR": 10_000}
_MOST_A_YEAR = {**dict.fromkeys(_STRONG, 5_000_000), "PLN": 10_000_000}

_FACTORS = {
    "k": 1_000, "tys": 1_000, "tys.": 1_000, "thousand": 1_000, "m": 1_000_000, "mln": 1_000_000,
    "l": 100_000, "lac": 100_000, "lacs": 100_000, "lakh": 100_000, "lakhs": 100_000, "lpa": 100_000,
    "cr": 10_000_000, "crore": 10_000_000, "crores": 10_000_000,
}

_SIGN = (
    r"(?:(?:us|ca|c|au|a|nz|s|hk|r)\$|[$€£₹¥₽₺₪₩₦₴]|zł(?:otych)?|kč"
    r"|(?<![^\W\d_])(?:euros?|pounds|dollars|zl|kr|ft|lei|birr|rs\.?|[a-z]{3})(?![^\W\d_]))"
)
_NUMBER = (
    r"(?<![\d.,])(?:\d{1,3}(?:\ \d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d{1,4})?(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?(?!\d)|\d{1,3}(?:'\d{3})+(?!\d)|\d{1,12}(?:[.,]\d{1,4})?(?!\d))"
)
_FACTOR = r"(?:k|tys\.?|thousand|mln|m|lakhs?|lacs?|lpa|crores?|cr|l)(?![^\W\d_])"


def _amount(which: str) -> str:
    return (
        rf"(?:(?P<pre_{which}>{_SIGN})\s?~?\s?)?(?P<number_{which}>{_NUMBER})"
        rf"\s?(?P<factor_{which}>{_FACTOR})?\+?\s?(?P<post_{which}>{_SIGN})?"
    )


_range = re.compile(rf"{_amount('low')}\s?(?:-|to|do|bis|a|à|and)\s?~?{_amount('high')}")
_single = re.compile(_amount("high"))
_sheet_date = re.compile(rf"(?:(\d{{1,2}})-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-(\d{{1,2}}))")
_noise = re.compile(
    r"\((?:glassdoor|employer|indeed)[^)]*\)|401\(?k\)?|\bb2b|https?://\S+|[\d.,]{1,9}\s?-?\s?[\d.,]{0,9}\s?%"
)
_dashes = re.compile(r"\s*[‐‑‒–—−]\s*|\s+-\s+|(?<=\d)\s+-|-\s+(?=[\d$€£₹])")
_up_to = re.compile(r"(?:\bup\s?to|\bdo|\bbis|\bmax\w*|<)\W*$")

_PERIODS = (
    (r"bi-?weekly|fortnight\w*|every two weeks|pay ?period", "biweek"),
    (r"p\.?\s?/?\s?h\.?(?!\w)|/\s?h\b|/\s?hr|hour\w*|hrs?\b|godz\w*|stunde\w*|hod\b|\bheure\w*", "hour"),
    (r"diem|/\s?day|\bdays?\b|daily|dzie[nń]\w*|\bjour\b|p\.?\s?d\.?(?!\w)|/\s?d\b", "day"),
    (r"week\w*|/\s?wk|\bwk\b|tydz\w*|\bsemaine\w*|p\.?\s?w\.?(?!\w)", "week"),
    (
        r"month\w*|/\s?mo\b|\bmth\w*|mies\w*|m-c\b|pcm\b|monat\w*|\bmois\b|\bmaand\w*|/\s?m\b"
        r"|\bp\.?\s?m\.?(?!\w)",
        "month",
    ),
    (r"\byear\w*|annu\w*|/\s?yr|\byr\b|p\.?\s?a\.?(?!\w)|roczn\w*|jahr\w*|\bpar an\b|\bjaar\b|/\s?y\b|\blpa\b", "year"),
)
_period = re.compile("|".join(f"(?P<{name}>{pattern})" for pattern, name in _PERIODS))
_PERIOD_NAMES = {
    "hour": "hour", "hourly": "hour", "day": "day", "daily": "day", "per_day": "day", "week": "week",
    "weekly": "week", "biweek": "biweek", "bi-weekly": "biweek", "biweekly": "biweek", "month": "month",
    "monthly": "month", "year": "year", "yearly": "year", "annual": "year", "annually": "year",
}


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay in minor units of `currency`, for one `period`; `low` is None where only the top is stated."""

    low: int | None
    high: int
    currency: str
    period: Period


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a text says, as far as it says it."""

    low: Decimal | None
    high: Decimal
    currency: str | None
    period: str | None


def _own_currencies(country: str | None) -> list[str]:
    return get_territory_currencies(country) if country and re.fullmatch("[A-Z]{2}", country) else []


def _currency(sign: str | None, country: str | None) -> str | None:
    if not sign:
        return None
    if sign in _SHARED:
        usual, users = _SHARED[sign]
        return next((code for code in _own_currencies(country) if code in users), usual)
    code = _SIGNS.get(sign, sign.upper())
    return code if is_currency(code) else None


def _number(text: str) -> Decimal:
    """`2 800`, `11,00,000`, `1.500,50`, `24,00`, `43684.0000` as they are meant."""
    text = text.replace(" ", "").replace("'", "")
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?", text):
        return Decimal(text.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        return Decimal(text.replace(".", "").replace(",", "."))
    return Decimal(text.replace(",", "."))


def _bounds(found: re.Match[str]) -> tuple[Decimal, Decimal]:
    """Both ends of a range; a factor said once (`120-150k`, `24-30,000`) counts for both."""
    low, high = _number(found["number_low"]), _number(found["number_high"])
    low_factor, high_factor = (_FACTORS.get(found[end] or "") for end in ("factor_low", "factor_high"))
    if low_factor is None and high_factor is not None and low <= high:
        low_factor = high_factor
    low, high = low * (low_factor or 1), high * (high_factor or 1)
    if low < 1000 <= low * 1000 <= high:
        low *= 1000
    return low, high


def _stated_period(text: str, found: re.Match[str]) -> str | None:
    """The period said nearest after the amount, else before it."""
    said = _period.search(text, found.end(), found.end() + 50) or _period.search(text)
    return said.lastgroup if said else None


def _tidy(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw[:_LONGEST]).lower()
    text = _noise.sub(" ", re.sub(r"\s+", " ", text))
    return _dashes.sub("-", text).strip()


def _first_single(text: str) -> re.Match[str] | None:
    for found in _single.finditer(text):
        signs = (found["pre_high"], found["post_high"])
        marked = found["factor_high"] or any(_currency(sign, None) or sign in _SHARED for sign in signs)
        if marked or found.group().strip() == text or _period.match(text, found.end()):
            return found
    return None


def _read(raw: str, country: str | None) -> _Stated | None:
    text = _tidy(raw)
    sheet = _sheet_date.fullmatch(text)
    if sheet:
        day, month = int(sheet[1] or sheet[4]), _MONTHS.index(sheet[2] or sheet[3]) + 1
        return _Stated(Decimal(min(day, month)), Decimal(max(day, month)), None, None)
    found = _range.search(text)
    low: Decimal | None
    if found:
        low, high = _bounds(found)
    else:
        found = _first_single(text)
        if not found:
            return None
        high = _number(found["number_high"]) * _FACTORS.get(found["factor_high"] or "", 1)
        low = None if _up_to.search(text[: found.start()]) else high
    beside = [value for name, value in found.groupdict().items() if name.startswith(("pre", "post"))]
    period = "year" if found["factor_high"] == "lpa" else _stated_period(text, found)
    return _Stated(low, high, _first_currency(beside + re.findall(_SIGN, text), country), period)


def _first_currency(signs: list[str | None], country: str | None) -> str | None:
    return next((code for code in (_currency(sign, country) for sign in signs) if code), None)


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 10**15 else None


def _named_period(name: str) -> str | None:
    """A period as feeds name it beside numbers: `YEAR`, `hourly`, `1 YEAR`, `Per Hour`, `per-month-salary`."""
    said = _period.search(name)
    return _PERIOD_NAMES.get(name) or (said.lastgroup if said else None)


def _structured(salary: dict[str, Any]) -> _Stated | None:
    low, high = _decimal(salary.get("min")), _decimal(salary.get("max"))
    if low is None and high is None:
        return None
    currency = str(salary.get("currency") or "").upper()
    period = _named_period(str(salary.get("period") or "").lower()[:_LONGEST])
    return _Stated(low, high or low or Decimal(0), currency if is_currency(currency) else None, period)


def _usual_period(low: Decimal, high: Decimal, currency: str) -> str | None:
    for least, most, period in _USUAL.get(currency, ()):
        if least <= low and high <= most:
            return period.value
    return None


def _settle(stated: _Stated, currency: str | None, country: str | None) -> Pay | None:
    low, high = stated.low, stated.high
    if low is not None and low > high:
        return None
    own = _own_currencies(country)
    currency = stated.currency or currency or next(iter(own), None)
    if high <= 0 or not currency or (low and high > low * _WIDEST):
        return None
    name = stated.period or _usual_period(low or high, high, currency)
    if name is None or (name == "hour" and not stated.period and own and currency not in own):
        return None
    if name == "biweek":
        low, high, name = low and low / 2, high / 2, "week"
    period = Period(name)
    a_year = high * YEARLY_FACTOR[period]
    if not _LEAST_A_YEAR.get(currency, 1) <= a_year <= _MOST_A_YEAR.get(currency, 10**11):
        return None
    return Pay(to_minor(low, currency) if low else None, to_minor(high, currency), currency, period)


def read_pay(salary: dict[str, Any] | None, raw: str | None, country: str | None) -> Pay | None:
    """The pay a feed states, in words (`raw`) or numbers (`salary`), or None where it is unclear.

    The words win, for numbers beside them are often somebody's own reckoning; a currency the words leave out
    comes from the numbers, else from `country` (ISO 3166-1 alpha-2). A missing period is filled in only where
    the amount leaves no doubt.
    """
    numbers = _structured(salary) if salary else None
    words = _read(raw, country) if raw else None
    currency = numbers.currency if numbers else None
    if words and numbers and not words.period and words.high == numbers.high:
        words = replace(words, period=numbers.period)
    readings = (_settle(stated, currency, country) for stated in (words, numbers) if stated)
    return next((pay for pay in readings if pay), None)
