"""A listing's facets as its form draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup, escape

from app.domain.search.answers import Facet, Facets, Option
from app.domain.search.filters import Filters
from app.web.fragments import parts

GROUPS = {
    "workplace": ("Workplace", "checkbox"),
    "type": ("Employment type", "checkbox"),
    "category": ("Field of work", "checkbox"),
    "salary_min": ("Pay a year, at least", "steps"),
    "experience": ("Experience", "checkbox"),
    "posted_within": ("Posted within", "steps"),
    "country": ("Country", "checkbox"),
    "place": ("Places", "links"),
    "company": ("Company", "checkbox"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """A facet as the form draws it; option urls are only used where options are links."""

    argument: str
    label: str
    kind: str
    facet: Facet
    urls: Mapping[str, str]

    @property
    def chosen(self) -> bool:
        """Whether one of the options is."""
        return any(option.chosen for option in self.facet.options)

    @property
    def more(self) -> bool:
        return self.facet.more

    @property
    def options(self) -> Markup:
        """The options as HTML. All but their numbers and addresses is drawn once and kept."""
        return Markup("".join(map(self._option, self.facet.options)))  # noqa: S704  drawn by Jinja with escaping on, numbers, and escaped addresses

    def _option(self, option: Option) -> str:
        nothing = not option.count and not option.chosen
        drawn = _around(self.kind, self.argument, option.value, option.label, option.chosen, nothing)
        number, words = str(option.count), f"{option.count:,}"
        if self.kind != "links":
            return f"{drawn[0]}{number}{drawn[1]}{words}{drawn[2]}"
        return f"{drawn[0]}{escape(self.urls[option.value])}{drawn[1]}{number}{drawn[2]}{words}{drawn[3]}"


@lru_cache(maxsize=8192)
def _around(kind: str, argument: str, value: str, label: str, chosen: bool, nothing: bool) -> tuple[str, ...]:
    """What stands before, between and behind an option's address (of links), number, and number in words."""
    return parts(
        "site/_option.html", kind=kind, argument=argument, value=value, label=label, chosen=chosen, nothing=nothing
    )


def groups(filters: Filters, facets: Facets) -> list[Group]:
    """The facets that have options, in the form's order."""
    shown = []
    for argument, (label, kind) in GROUPS.items():
        facet = facets.by_argument[argument]
        if facet.options:
            shown.append(Group(argument, label, kind, facet, _urls(filters, facet) if kind == "links" else {}))
    return shown


def _urls(filters: Filters, places: Facet) -> dict[str, str]:
    """For each place the listing with it, or without it where it is chosen."""
    before, _, behind = replace(filters, place="-").to_query().rpartition("place=-")
    rest = filters.without("place").to_query()
    without = f"/jobs?{rest}" if rest else "/jobs"
    return {
        place.value: without if place.chosen else f"/jobs?{before}place={place.value}{behind}"
        for place in places.options
    }
