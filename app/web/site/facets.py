"""A listing's facets as its form draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from app.domain.search.answers import Facet, Facets, Option
from app.domain.search.filters import Filters
from app.web.asked import jobs_url
from app.web.fragments import drawn_once, parts
from app.web.site.whole import LONG

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


class Extra(NamedTuple):
    """What the form knows beside the counts: what is wrong with arguments, whose long tail is `shown`, and what is
    chosen under every argument.
    """

    problems: Mapping[str, str]
    shown: str | None
    chosen: Mapping[str, Sequence[str]]


def beside(problems: Mapping[str, str], facets: Facets) -> tuple[tuple[str, str], ...]:
    """The problems of arguments that have no field among the facets, where they would be told."""
    fields = {name for name, (_, kind) in GROUPS.items() if kind != "links" and facets.by_argument[name].options}
    return tuple((argument, sentence) for argument, sentence in problems.items() if argument not in fields)


def drawn(filters: Filters, facets: Facets, extra: Extra) -> Markup:
    """The facets that have options, in the form's order; filters that have no control there stay chosen.

    All but numbers and addresses is drawn once and kept.
    """
    html, controls = [], {"q", "place", "sort", "after", "currency"}
    for argument in GROUPS:
        facet = facets.by_argument[argument]
        if facet.options:
            html += _group(filters, facets, facet, extra)
            controls.add(argument)
    hidden = [(argument, value) for argument, values in extra.chosen.items() for value in values]
    others = tuple(pair for pair in hidden if pair[0] not in controls)
    html.append(drawn_once("site/_facets_others.html", others=others, shown=extra.shown))
    return Markup("".join(html))  # noqa: S704  drawn by Jinja with escaping on, numbers, and escaped addresses


def _group(filters: Filters, facets: Facets, facet: Facet, extra: Extra) -> list[str]:
    argument, expanded = facet.argument, extra.shown == facet.argument
    currencies = facets.currencies if argument == "salary_min" else ()
    before, behind, *tail = _around_options(
        argument, any(option.chosen for option in facet.options), facet.more, expanded,
        extra.problems.get(argument, ""), currencies, facets.currency if currencies else "",
    )  # fmt: skip
    html = [before, *_options(filters, facet), behind]
    if tail:
        html += [escape(jobs_url(filters, more=None if expanded else argument)), *tail]
    return html


@lru_cache(maxsize=1024)
def _around_options(
    argument: str, chosen: bool, more: bool, expanded: bool, problem: str, currencies: tuple[str, ...], currency: str
) -> tuple[str, ...]:
    """What stands before and behind the options of one; and behind the address of more or fewer, where there are."""
    label, kind = GROUPS[argument]
    return parts(
        "site/_facet.html", argument=argument, label=label, kind=kind, chosen=chosen, more=more, expanded=expanded,
        several=LONG.get(argument, ""), problem=problem, currencies=currencies, currency=currency,
    )


def _options(filters: Filters, facet: Facet) -> list[str]:
    kind = GROUPS[facet.argument][1]
    if kind == "links":
        urls = _urls(filters, facet)
        return [_link(option, facet.argument, urls[option.value]) for option in facet.options]
    return [_choice(option, facet.argument, kind) for option in facet.options]


def _choice(option: Option, argument: str, kind: str) -> str:
    count = option.count
    nothing = not count and not option.chosen
    before, between, behind = _around(kind, argument, option.value, option.label, option.chosen, nothing)
    return f"{before}{count}{between}{count:,}{behind}"


def _link(option: Option, argument: str, url: str) -> str:
    head, *rest = _around("links", argument, option.value, option.label, option.chosen, nothing=False)
    return f"{head}{escape(url)}{rest[0]}{option.count}{rest[1]}{option.count:,}{rest[2]}"


@lru_cache(maxsize=8192)
def _around(kind: str, argument: str, value: str, label: str, chosen: bool, nothing: bool) -> tuple[str, ...]:
    """What stands before, between and behind an option's address (of links), number, and number in words."""
    return parts(
        "site/_option.html", kind=kind, argument=argument, value=value, label=label, chosen=chosen, nothing=nothing
    )


def _urls(filters: Filters, places: Facet) -> dict[str, str]:
    """For each place the listing with it, or without it where it is chosen."""
    before, _, behind = replace(filters, place="-").to_query().rpartition("place=-")
    without = jobs_url(filters.without("place"))
    return {
        place.value: without if place.chosen else f"/jobs?{before}place={place.value}{behind}"
        for place in places.options
    }
