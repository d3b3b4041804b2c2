"""Chosen filters in words, and which of them to loosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.db import Session
from app.core.money import Period, format_range, to_minor
from app.domain.postings import gazetteer
from app.domain.search import queries
from app.domain.search.answers import Facets
from app.domain.search.filters import Filters, country_name
from app.web.asked import jobs_url


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter, and the listing without it."""

    label: str
    remove_url: str
    argument: str
    value: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the list would hold without one of the filters."""

    label: str
    count: int
    url: str


def _amount(filters: Filters) -> str:
    currency = filters.currency or filters.default_currency
    least = to_minor(filters.salary_min or 0, currency)
    return f"From {format_range(least, least, currency, Period.YEAR)} ({currency})"


def _place(filters: Filters) -> str:
    place = gazetteer.by_slug(filters.place or "")
    if place is None:
        return filters.place or ""
    name = gazetteer.label(place)
    return f"Within {filters.radius_km} km of {name}" if place.kind == "city" else name


def _label(argument: str, value: str, filters: Filters, facets: Facets) -> str:
    if argument == "q":
        return f"“{value}”"
    if argument == "place":
        return _place(filters)
    if argument == "salary_min":
        return _amount(filters)
    if argument == "country":
        return country_name(value)
    if argument == "posted_within":
        return "Last 24 hours" if value == "1" else f"Last {value} days"
    if argument == "sort":
        return f"Pay stated in {filters.currency}"
    options = facets.by_argument[argument].options
    return next((option.label for option in options if option.value == value), value)


def _chosen(filters: Filters) -> list[tuple[str, str]]:
    """The filters that narrow the list: the order does only where it leaves postings out."""
    silent = {"currency", "radius_km"}
    return [
        (argument, value)
        for argument, value in filters.to_args()
        if argument not in silent and (argument != "sort" or value == "salary")
    ]


def chips_of(filters: Filters, facets: Facets, words: str = "") -> tuple[Chip, ...]:
    """A removable chip for every chosen filter, in the arguments' order; `words` are looked for instead of `q`."""
    chips = []
    for argument, value in _chosen(filters):
        held = words if words and argument == "q" else value
        remove_url = jobs_url(filters.without(argument, value))
        chips.append(Chip(_label(argument, held, filters, facets), remove_url, argument, held))
    return tuple(chips)


def in_words(filters: Filters, facets: Facets) -> str:
    """What a listing is narrowed to, in words."""
    return " · ".join(_label(argument, value, filters, facets) for argument, value in _chosen(filters))


def suggestions(session: Session, filters: Filters, chips: Sequence[Chip], now: datetime) -> list[Suggestion]:
    """For an empty list: the filters whose removal gives most, best first."""
    found = []
    for chip in chips[:8]:
        loosened = filters.without(chip.argument, chip.value)
        count = queries.total(session, loosened, now)
        if count:
            found.append(Suggestion(chip.label.strip("“”"), count, chip.remove_url))
    return sorted(found, key=lambda suggestion: -suggestion.count)[:3]
