"""The table of places in memory: one row a place, found by name, by slug or by beginning.

A slug is stable and unique. A city is `name-cc` (`berlin-de`); where a country has several of that name each
carries its region's code, or name where the code is a number (`springfield-il-us`, `rosenthal-hesse-de`), save one
of 100,000 people and ten times the next, which keeps the short form (`paris-fr`). Several in one region are
numbered by size (`oakland-2-pa-us`). A region is `bavaria-region-de`, a county (or a lesser region of one name
with another) `surrey-eng-region-gb`, a country its name (`germany`).
"""

import gzip
import heapq
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from app.domain.postings.gazetteer.text import fold, key

_FILE = Path(__file__).parent.parent / "data" / "places.tsv.gz"
_GREAT = 100_000
_DOMINANT = 10

Kind = Literal["city", "region", "country"]
_KINDS: dict[str, Kind] = {"P": "city", "R": "region", "D": "region", "C": "country"}
_WEIGHTS = {"P": 1.0, "R": 0.2, "D": 0.1, "C": 0.1}
"""A suggestion means a city first: the people of a region count a fifth."""


@dataclass(frozen=True, slots=True)
class Place:
    """A city, a region (of the first level, or a county) or a country.

    `region` is a name; `country` is ISO 3166-1 alpha-2; `lat` and `lon` are degrees (WGS 84), None for
    countries without towns; a region's are the population-weighted centre of its towns.
    """

    slug: str
    kind: Kind
    city: str | None
    region: str | None
    country: str
    lat: float | None
    lon: float | None
    population: int

    @property
    def county(self) -> bool:
        """Whether this region is below the first level: towns carry another name as theirs, so look by distance."""
        return self.kind == "region" and self.slug != f"{_words(self.region or '')}-region-{self.country.lower()}"


class Row(NamedTuple):
    """A line of the table: P a city, R a region of the first level, D a county, C a country."""

    line: int
    kind: str
    country: str
    code: str
    name: str
    population: int
    lat: float | None
    lon: float | None


class Table:
    """All places, kept as the lines of the file; rows are parsed when asked for."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.populations = array("Q", bytes(8 * len(lines)))
        self.cities: dict[str, int | tuple[int, ...]] = {}
        self.areas: dict[str, int | tuple[int, ...]] = {}
        self.regions: dict[tuple[str, str], int] = {}
        for index, line in enumerate(lines):
            cells = line.split("\t")
            kind, country, code, name = cells[0], cells[1], cells[2], cells[3]
            self.populations[index] = int(cells[4])
            names = {key(name if kind != "C" else code)}
            if len(cells) > 7:
                names.update(map(key, cells[7].split("|")))
            if kind == "C":
                names.add(country.lower())
            elif kind == "R":
                self.regions[country, code] = index
            target = self.cities if kind == "P" else self.areas
            for each in names:
                known = target.get(each)
                if known is None:
                    target[each] = index
                else:
                    target[each] = (known, index) if isinstance(known, int) else (*known, index)

    def row(self, index: int) -> Row:
        return _row(self.lines[index], index)

    def named_cities(self, name: str) -> list[Row]:
        return self._rows(self.cities.get(name))

    def named_areas(self, name: str) -> list[Row]:
        return self._rows(self.areas.get(name))

    def region_of(self, row: Row) -> Row | None:
        index = self.regions.get((row.country, row.code))
        return None if index is None else self.row(index)

    @cached_property
    def keys(self) -> list[tuple[str, ...]]:
        return [tuple(sorted(self.cities)), tuple(sorted(self.areas))]

    def beginning(self, prefix: str) -> Iterator[int]:
        """Rows one of whose names begins with the folded `prefix`."""
        for names, index in zip(self.keys, (self.cities, self.areas), strict=True):
            for at in range(bisect_left(names, prefix), len(names)):
                if not names[at].startswith(prefix):
                    break
                found = index[names[at]]
                yield from (found,) if isinstance(found, int) else found

    def _rows(self, found: int | tuple[int, ...] | None) -> list[Row]:
        if found is None:
            return []
        return [self.row(index) for index in ((found,) if isinstance(found, int) else found)]


@lru_cache(maxsize=4096)
def _row(line: str, index: int) -> Row:
    kind, country, code, name, population, lat, lon = line.split("\t", 7)[:7]
    if kind == "C":
        code, name = "", code
    place_at = (float(lat), float(lon)) if lat else (None, None)
    return Row(index, kind, country, code, name, int(population), *place_at)


@cache
def table() -> Table:
    """The one table of the process."""
    lines = gzip.decompress(_FILE.read_bytes()).decode().splitlines()
    return Table([line for line in lines if not line.startswith("#")])


def load() -> None:
    """Read the table now: nobody waits for it later, and forked processes share it."""
    _ = table().keys


def place(row: Row) -> Place:
    return _place(row.line)


@lru_cache(maxsize=4096)
def _place(index: int) -> Place:
    row = table().row(index)
    region = table().region_of(row) if row.kind == "P" else None
    city = row.name if row.kind == "P" else None
    area = region.name if region else row.name if row.kind in "RD" else None
    return Place(_slug(row), _KINDS[row.kind], city, area, row.country, row.lat, row.lon, row.population)


def by_slug(slug: str) -> Place | None:
    """The place of exactly this slug."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        return None
    words = slug.split("-")
    for end in range(len(words), 0, -1):
        name = key(" ".join(words[:end]))
        for row in (*table().named_cities(name), *table().named_areas(name)):
            if (row.kind == "C" or row.country.lower() == words[-1]) and place(row).slug == slug:
                return place(row)
    return None


def label(place: Place) -> str:
    """How a place is written: "Berlin, Germany", "Austin, TX", "Bavaria, Germany", "Germany"."""
    country = _country(place.country)
    if place.kind == "country":
        return country
    if place.kind == "region":
        state = place.slug.split("-")[-3].upper() if place.county and place.country == "US" else country
        return f"{place.region}, {state}"
    if place.country == "US":
        return f"{place.city}, {_us_code(place.region)}" if place.region else f"{place.city}, {country}"
    if place.region and place.slug != _short_slug(place.city or "", place.country):
        return f"{place.city}, {place.region}, {country}"
    return f"{place.city}, {country}"


def by_label(text: str) -> Place | None:
    """The largest place written exactly so by `label`, whatever the case and accents."""
    name, whole = key(text.partition(",")[0]), fold(text)
    rows = (*table().named_cities(name), *table().named_areas(name))
    exact = [row for row in rows if fold(label(place(row))) == whole]
    return place(max(exact, key=lambda row: row.population * _WEIGHTS[row.kind])) if exact else None


def suggest(prefix: str, limit: int = 8) -> list[Place]:
    """Places whose name, or label where a comma is typed, begins with `prefix`; the largest first."""
    head, comma, tail = prefix[:100].partition(",")
    start, whole = key(head), fold(prefix[:100])
    if not start or limit < 1:
        return []
    found = table().beginning(start)
    if comma and tail.strip():
        exact = {row.line for row in (*table().named_cities(start), *table().named_areas(start))}
        found = (index for index in exact if fold(label(place(table().row(index)))).startswith(whole))
    return [place(table().row(index)) for index in _largest(set(found), limit)]


def _largest(found: Iterable[int], limit: int) -> list[int]:
    rows = table()
    return heapq.nlargest(limit, found, key=lambda i: (rows.populations[i] * _WEIGHTS[rows.lines[i][0]], -i))


def _slug(row: Row) -> str:
    country = row.country.lower()
    if row.kind == "C":
        return _words(row.name)
    if row.kind == "R" and _largest_namesake(row):
        return f"{_words(row.name)}-region-{country}"
    if row.kind != "P":
        return f"{_words(row.name)}-{row.code.lower()}-region-{country}"
    namesakes = [
        other for other in table().named_cities(key(row.name))
        if other.country == row.country and _words(other.name) == _words(row.name)
    ]
    namesakes.sort(key=lambda other: (-other.population, other.line))
    if namesakes[0] == row and _dominant(namesakes):
        return _short_slug(row.name, row.country)
    rank = [other.line for other in namesakes if other.code == row.code].index(row.line)
    name = f"{_words(row.name)}-{rank + 1}" if rank else _words(row.name)
    return f"{name}-{_region_part(row)}-{country}"


def _largest_namesake(row: Row) -> bool:
    alike = (other for other in table().named_areas(key(row.name)) if other.country == row.country)
    rivals = [other for other in alike if other.kind == "R" and _words(other.name) == _words(row.name)]
    return max(rivals, key=lambda other: (other.population, -other.line)) == row


def _dominant(namesakes: list[Row]) -> bool:
    if len(namesakes) == 1:
        return True
    first, second = namesakes[:2]
    return first.population >= max(_GREAT, _DOMINANT * second.population)


def _region_part(row: Row) -> str:
    region = table().region_of(row)
    if row.code.isalpha() or region is None:
        return row.code.lower() or "x"
    taken = any(other.country == row.country for other in table().named_cities(key(f"{row.name} {region.name}")))
    return row.code.lower() if taken else _words(region.name)


def _short_slug(name: str, country: str) -> str:
    return f"{_words(name)}-{country.lower()}"


def _words(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name))) or "place"


@cache
def _us_code(region: str) -> str:
    states = (row for row in table().named_areas(key(region)) if row.country == "US" and row.kind == "R")
    return next((row.code for row in states), region)


@cache
def _country(code: str) -> str:
    return next((row.name for row in table().named_areas(code.lower()) if row.kind == "C"), code)
