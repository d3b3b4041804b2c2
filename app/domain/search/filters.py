"""The one parser of a listing's arguments, for every door: repeated arguments in, a frozen `Filters` out.

An empty value is absent and an unknown argument ignored. Any other bad value leaves the filters unharmed and
a sentence in `problems` under its argument: pages show it beside the field, the API and feeds answer 422.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Literal, cast
from urllib.parse import urlencode

from babel import Locale

from app.core.money import is_currency
from app.domain.postings import gazetteer
from app.domain.postings.models import EmploymentType, Experience, Workplace
from app.domain.search import grammar

Sort = Literal["newest", "relevance", "salary"]
SORTS: tuple[Sort, ...] = ("newest", "relevance", "salary")
REPEATABLE = ("category", "type", "workplace", "country", "experience", "company")
ARGUMENTS = (
    "q", "category", "type", "workplace", "country", "place", "radius_km", "salary_min", "currency",
    "posted_within", "experience", "company", "sort",
)  # fmt: skip
"""In canonical order; `after`, the cursor, is not a filter."""
RADIUS_KM = 50
MOST_VALUES = 20
LONGEST_QUERY = 300
_CHOICES: dict[str, list[str]] = {
    "type": [kind.value for kind in EmploymentType],
    "workplace": [kind.value for kind in Workplace],
    "experience": [kind.value for kind in Experience],
}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"(\d{1,12}|\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3}){1,3})(k?)", re.ASCII | re.IGNORECASE)
_NO_COUNTRY = {"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"}


@dataclass(frozen=True, slots=True)
class Filters:
    """One listing: what is looked for and in which order. Equal filters have equal `to_args()`.

    `salary_min` is a year's pay in major units of `currency`; `posted_within` days; `place` a canonical slug;
    `sort` what was stated, `order` what holds.
    """

    q: str = ""
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    workplace: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    place: str | None = None
    radius_km: int = RADIUS_KM
    salary_min: int | None = None
    currency: str | None = None
    posted_within: int | None = None
    experience: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    sort: Sort | None = None
    default_currency: str = field(default="USD", compare=False)
    """The board's: what `with_` takes where pay is filtered and no currency named."""

    @property
    def order(self) -> Sort:
        """The order of the list: as stated, else relevance where words are given, else newest."""
        return self.sort or ("relevance" if self.q else "newest")

    @property
    def query(self) -> grammar.Query:
        """What `q` asks; falsy when it asks nothing."""
        return grammar.parse(self.q)

    def __bool__(self) -> bool:
        return any(getattr(self, argument) for argument in ARGUMENTS if argument not in {"sort", "radius_km"})

    def among(self, argument: str, allowed: Collection[str]) -> "Filters":
        """These filters with only the allowed values of a repeatable argument."""
        kept = tuple(value for value in self.values(argument) if value in allowed)
        changes: dict[str, Any] = {argument: kept}
        return replace(self, **changes)

    def values(self, argument: str) -> tuple[str, ...]:
        """What is chosen under one argument, as text."""
        value = getattr(self, argument)
        if isinstance(value, tuple):
            return value
        return () if value is None or value == "" else (str(value),)

    def to_args(self) -> list[tuple[str, str]]:
        """The canonical arguments, in canonical order, defaults left out."""
        return [
            (argument, value)
            for argument in ARGUMENTS
            for value in self.values(argument)
            if argument != "radius_km" or (self.place and self.radius_km != RADIUS_KM)
        ]

    def to_query(self) -> str:
        """The canonical query string, without the question mark."""
        return "&".join([_quoted(argument, value) for argument, value in self.to_args()])

    @property
    def fingerprint(self) -> str:
        """What a cursor of this list is bound to."""
        return f"jobs?{self.to_query()}#{self.order}"

    def with_(self, argument: str, value: str) -> "Filters":
        """These filters with a canonical value chosen as well (repeatable) or instead (single)."""
        others = [pair for pair in self.to_args() if argument in REPEATABLE or pair[0] != argument]
        return parse([*others, (argument, value)], self.default_currency).filters

    def without(self, argument: str, value: str | None = None) -> "Filters":
        """These filters with one value, or the whole argument, taken away."""
        left = tuple(one for one in self.values(argument) if value is not None and one != value)
        if argument in REPEATABLE:
            return self._with(argument, left)
        return self if left else self._with(argument, _NOTHING.get(argument))

    def _with(self, argument: str, value: Any) -> "Filters":
        changes = {argument: value}
        return replace(self, **changes).settled()

    def settled(self) -> "Filters":
        """The same without what says nothing: a usual order, a currency with no pay, a distance from nowhere."""
        sort = None if not self.q and self.sort in {"newest", "relevance"} else self.sort
        paid = self.salary_min or sort == "salary"
        return replace(
            self, sort=sort, currency=(self.currency or self.default_currency) if paid else None,
            radius_km=self.radius_km if self.place else RADIUS_KM,
        )  # fmt: skip


@lru_cache(maxsize=4096)
def _quoted(argument: str, value: str) -> str:
    return urlencode([(argument, value)])


_NOTHING: dict[str, Any] = {"q": "", "radius_km": RADIUS_KM}


@dataclass(frozen=True, slots=True)
class Parsed:
    """The filters understood, what is wrong with others (argument → sentence), the cursor as it came.

    `moved` where they name something by a former address.
    """

    filters: Filters
    problems: Mapping[str, str] = field(default_factory=dict)
    after: str | None = None
    moved: bool = False


def parse(args: Iterable[tuple[str, str]], default_currency: str) -> Parsed:
    """The listing that (argument, value) pairs ask for, repeated arguments in any order. Never raises."""
    reader = _Reader(args)
    q = " ".join(reader.first("q").split())
    if len(q) > LONGEST_QUERY:
        q = reader.refuse("q", f"Search with {LONGEST_QUERY} characters or fewer.")
    chosen = {argument: reader.several(argument, _checks()[argument]) for argument in REPEATABLE}
    place = reader.place(chosen)
    salary_min = reader.number(
        "salary_min", 1, 1_000_000_000, "Write the lowest yearly pay as a whole number."
    )
    sort = reader.one_of("sort", SORTS, "Sort by newest, relevance or salary.")
    currency = reader.currency()
    filters = Filters(
        q=q,
        place=place,
        radius_km=reader.number("radius_km", 1, 500, "Choose a distance from 1 to 500 km.") or RADIUS_KM,
        salary_min=salary_min,
        currency=currency,
        posted_within=reader.number("posted_within", 1, 3650, "Choose from 1 to 3650 days."),
        sort=cast(Sort | None, sort),
        default_currency=default_currency,
        **{argument: _ordered(argument, values) for argument, values in chosen.items()},
    )
    return Parsed(filters.settled(), reader.problems, reader.first("after") or None)


def _ordered(argument: str, values: Iterable[str]) -> tuple[str, ...]:
    order = _CHOICES.get(argument)
    return tuple(sorted(set(values), key=order.index if order else None))


@cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories
    return {
        code: name
        for code, name in names.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY
    }


def country_name(code: str) -> str:
    """The English name of an ISO 3166-1 alpha-2 country; the code where it has none."""
    return _countries().get(code, code)


@cache
def label_of(argument: str) -> dict[str, str]:
    """Every value of `type`, `workplace` or `experience` with its words, in their order."""
    return {value: value.replace("_", " ").capitalize() for value in _CHOICES[argument]}


@cache
def _checks() -> dict[str, tuple[Callable[[str], str | None], str]]:
    """For each repeatable argument: the canonical value (or None), and what to say otherwise."""

    def choice(argument: str) -> tuple[Callable[[str], str | None], str]:
        choices = _CHOICES[argument]
        known = {value: value for value in choices}
        return lambda text: known.get(text.lower().replace("-", "_")), f"Choose from {', '.join(choices)}."

    def slug(text: str) -> str | None:
        return text.lower() if len(text) <= 80 and _SLUG.fullmatch(text.lower()) else None

    def country(text: str) -> str | None:
        return text.upper() if text.isascii() and text.upper() in _countries() else None

    return {
        "category": (slug, "There is no such category."),
        "type": choice("type"),
        "workplace": choice("workplace"),
        "country": (country, "Write countries as two letters, such as DE or US."),
        "experience": choice("experience"),
        "company": (slug, "There is no such company."),
    }


class _Reader:
    """The arguments as they came, and what is wrong with them."""

    def __init__(self, args: Iterable[tuple[str, str]]) -> None:
        self.problems: dict[str, str] = {}
        self._given: dict[str, list[str]] = {}
        for argument, text in args:
            if text.strip():
                self._given.setdefault(argument, []).append(text.strip())

    def first(self, argument: str) -> str:
        return self._given.get(argument, [""])[0]

    def refuse(self, argument: str, sentence: str) -> str:
        self.problems[argument] = sentence
        return ""

    def several(self, argument: str, check: tuple[Callable[[str], str | None], str]) -> set[str]:
        canonical, sentence = check
        given = self._given.get(argument, [])
        found = {value for value in map(canonical, given[:MOST_VALUES]) if value}
        if len(given) > MOST_VALUES:
            self.refuse(argument, f"Choose {MOST_VALUES} or fewer; the others are left out.")
        elif not all(map(canonical, given)):
            self.refuse(argument, sentence)
        return found

    def one_of(self, argument: str, choices: Iterable[str], sentence: str) -> str | None:
        text = self.first(argument).lower()
        if text and text not in choices:
            return self.refuse(argument, sentence) or None
        return text or None

    def number(self, argument: str, least: int, most: int, sentence: str) -> int | None:
        text = self.first(argument)
        match = _NUMBER.fullmatch(text) if len(text) < 32 else None
        number = int(re.sub(r"\D", "", match[1])) * (1000 if match[2] else 1) if match else None
        if text and (number is None or not least <= number <= most):
            self.refuse(argument, sentence)
            return None
        return number

    def currency(self) -> str | None:
        code = self.first("currency").upper()
        if code and not is_currency(code):
            return self.refuse("currency", "Write the currency as three letters, such as EUR or USD.") or None
        return code or None

    def place(self, chosen: dict[str, set[str]]) -> str | None:
        """The canonical slug of the place typed; "remote" and countries go to the arguments of their own."""
        text = self.first("place")
        if not text:
            return None
        if text.casefold() == "remote":
            chosen["workplace"].add("remote")
            return None
        place = (gazetteer.by_slug(text.lower()) or gazetteer.search(text)) if len(text) <= 120 else None
        if place is None:
            return (
                self.refuse("place", "We do not know this place. Try a larger town nearby, or a country.")
                or None
            )
        if place.kind == "country":
            chosen["country"].add(place.country)
            return None
        return place.slug
