"""Drawing a listing's facets from counts, whoever counted: which options, in which order, with which words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nlargest
from itertools import islice
from typing import NamedTuple, Protocol

from babel.numbers import format_currency

from app.core.money import to_minor
from app.domain.postings.gazetteer import by_slug
from app.domain.search.answers import Facet, Facets, Option
from app.domain.search.filters import Filters, country_name, label_of
from app.domain.search.pay import steps

AGES = (1, 3, 7, 14, 30)
"""Days a seeker may choose for `posted_within`."""
MOST, MOST_EXPANDED = 10, 50
"""Options of companies, cities and countries: as a rule, and where the long tail was asked for."""


class Named(NamedTuple):
    """A company or field of work as an option names it."""

    id: int
    slug: str
    name: str


class City(NamedTuple):
    """A city as an option names it."""

    slug: str
    city: str
    country: str


class Steps(NamedTuple):
    """Yearly pays, rising: in major units of a currency, in minor ones, and in words."""

    amounts: tuple[int, ...]
    minor: tuple[int, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is counted for one listing, beyond its filters: pay in `currency`, and whose long tail is wanted."""

    filters: Filters
    currency: str
    expanded: str | None

    @property
    def steps(self) -> Steps:
        """The yearly pays offered."""
        return _steps(self.currency, self.filters.salary_min)

    @property
    def ages(self) -> list[int]:
        """The ages offered, rising, in days."""
        asked = self.filters.posted_within
        return sorted({*AGES, *([asked] if asked else [])})

    def most(self, argument: str) -> int:
        """How many options of a long facet are shown."""
        return MOST_EXPANDED if self.expanded == argument else MOST


class Counts(Protocol):
    """What counting a listing found; each argument counted without its own filter."""

    total: int

    def categories(self) -> Sequence[tuple[Named, int]]:
        """Every field of work, in the board's order."""

    def chosen_companies(self) -> Sequence[tuple[Named, int]]:
        """The companies filtered by."""

    def values(self, argument: str) -> Mapping[str, int]:
        """Postings for each value of `type`, `workplace` or `experience`."""

    def countries(self) -> tuple[Mapping[str, int], int]:
        """Postings that name each country but not the world, and those that do."""

    def companies(self, most: int) -> Sequence[tuple[Named, int]]:
        """The `most` companies with most postings, most first, equals by id."""

    def places(self, most: int) -> tuple[Sequence[int], int]:
        """The ids of the `most` places that most postings name (equals by id), and how many are named at all,
        or any number above `most`.
        """

    def around(self, place_ids: Sequence[int]) -> Iterable[tuple[City, int]]:
        """Those of these places that are cities, in this order, each with the postings within the radius."""

    def paying(self) -> Sequence[int]:
        """Postings that reach each of the sheet's steps."""

    def currencies(self) -> Mapping[str, int]:
        """Postings that state pay in each currency."""

    def younger(self) -> Sequence[int]:
        """Postings no older than each of the sheet's ages."""


def draw(sheet: Sheet, counts: Counts) -> Facets:
    """Every facet of a listing."""
    return _Drawing(sheet, counts).facets()


class _Drawing:
    def __init__(self, sheet: Sheet, counts: Counts) -> None:
        self.sheet, self.filters, self.counts = sheet, sheet.filters, counts

    def facets(self) -> Facets:
        made = [
            self._category(), *(self._small(argument) for argument in ("type", "workplace", "experience")),
            self._country(), self._company(), self._place(), self._salary(), self._age(),
        ]  # fmt: skip
        stated = self.counts.currencies()
        currencies = tuple(code for code, _ in sorted(stated.items(), key=lambda pair: (-pair[1], pair[0])))
        by_argument = {facet.argument: facet for facet in made}
        return Facets(self.counts.total, by_argument, self.sheet.currency, currencies)

    def _options(self, argument: str, found: Iterable[tuple[str, str, int]]) -> tuple[Option, ...]:
        chosen = self.filters.values(argument)
        return tuple(Option(value, label, n, value in chosen) for value, label, n in found)

    def _top(self, argument: str, found: list[tuple[str, str, int]]) -> Facet:
        """The commonest options and every chosen one, commonest first."""
        chosen = self.filters.values(argument)
        ranked = sorted(found, key=lambda option: (-option[2], option[1], option[0]))
        most = self.sheet.most(argument)
        kept = [option for place, option in enumerate(ranked) if place < most or option[0] in chosen]
        return Facet(argument, self._options(argument, kept), more=len(ranked) > len(kept))

    def _category(self) -> Facet:
        found = [(one.slug, one.name, n) for one, n in self.counts.categories()]
        return Facet("category", self._options("category", found))

    def _small(self, argument: str) -> Facet:
        counts = self.counts.values(argument)
        found = [(value, label, counts.get(value, 0)) for value, label in label_of(argument).items()]
        return Facet(argument, self._options(argument, found))

    def _country(self) -> Facet:
        counts, everywhere = self.counts.countries()
        codes = {*counts, *self.filters.country}
        most = self.sheet.most("country")
        border = nlargest(most, counts.values())[-1] if len(counts) > most else 0
        shown = [code for code in codes if counts.get(code, 0) >= border or code in self.filters.country]
        facet = self._top("country", [(code, country_name(code), counts.get(code, 0) + everywhere) for code in shown])
        return replace(facet, more=facet.more or len(shown) < len(codes))

    def _company(self) -> Facet:
        most = self.sheet.most("company")
        found = [*self.counts.chosen_companies(), *self.counts.companies(most + 1)]
        return self._top("company", list({one.slug: (one.slug, one.name, n) for one, n in found}.values()))

    def _place(self) -> Facet:
        """Cities most named, each counted with its surroundings, as choosing it would."""
        most = self.sheet.most("place")
        common, named = self.counts.places(most * 2)
        around = islice(self.counts.around(common), most)
        facet = self._top("place", [
            (city.slug, f"{city.city}, {country_name(city.country)}", n)
            for city, n in around if city.slug != self.filters.place
        ])  # fmt: skip
        chosen = by_slug(self.filters.place) if self.filters.place else None
        if chosen is None:
            return Facet("place", facet.options, more=named > most)
        label = ", ".join(filter(None, (chosen.city or chosen.region, country_name(chosen.country))))
        own = Option(chosen.slug, label, self.counts.total, chosen=True)
        return Facet("place", (own, *facet.options), more=named > most)

    def _salary(self) -> Facet:
        steps = self.sheet.steps
        found = zip(map(str, steps.amounts), steps.labels, self.counts.paying(), strict=True)
        return Facet("salary_min", self._options("salary_min", found))

    def _age(self) -> Facet:
        found = [
            (str(days), f"{days} days" if days > 1 else "24 hours", n)
            for days, n in zip(self.sheet.ages, self.counts.younger(), strict=True)
        ]
        return Facet("posted_within", self._options("posted_within", found))


@lru_cache(maxsize=512)
def _steps(currency: str, asked: int | None) -> Steps:
    amounts = tuple(sorted({*steps(currency), *([asked] if asked else [])}))
    labels = (format_currency(a, currency, "¤#,##0", locale="en", currency_digits=False) for a in amounts)
    return Steps(amounts, tuple(to_minor(amount, currency) for amount in amounts), tuple(labels))
