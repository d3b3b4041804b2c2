"""From a location string to places: split into named parts, give each its readings, let neighbours decide."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from app.domain.postings.gazetteer import words
from app.domain.postings.gazetteer.table import Place, Row, by_label, by_slug, place, table
from app.domain.postings.gazetteer.text import key

MOST_PLACES = 100
_LONGEST = 8_000
_DEEPEST = 8
_TOWN = 15_000
_CITY = 250_000
_COUNTY, _WIDE = 80, 160
"""How far from its centre (km) a county, and one as wide as the South East, can reach."""
_FAMOUS = 500_000
_HINTED = 50
"""How much more people of the hinted country count: Durham, not Toronto, means the smaller one there."""
_CITY_SHARE = {"R": 0.15, "D": 0.3, "C": 0.5}
"""A name shared by a city and its region means the city when so much of the region lives there."""

_STRONG = re.compile(r"[|;\n\r•·→]|\s//\s|<br ?/?>")
_PARTS = re.compile(r"(\s*[,()\[\]{}]\s*)")
_DASHED = re.compile(r"\s+[-–—]+\s+|\s*[–—]\s*|:\s+")
_WORDED = re.compile(r"\s+(?:or|and|und|oraz|lub|oder|et|y|e|i|plus|near|/)\s+|\s*[/&+]\s*", re.IGNORECASE)
_FORWARD = re.compile(r"([A-Z]{2}),\s*([A-Za-z0-9]{0,3})\s*,(.*)", re.DOTALL)
_NO_TOWN = re.compile(r"[A-Z]{2},\s*[A-Za-z0-9]{0,3}\s*,")
_LAST_CODE = re.compile(r"\b[a-z]{2}$")
_CODES = re.compile(
    r"\+\s*\d+\s*(?:more|other)?\s*locations?|\b\d{5}(?:-\d{4})?\b|\b\d{2}-\d{3}\b"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
    r"|\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b|\(?\b\d+ ?%|\d+ locations?", re.IGNORECASE,
)
_PROSE = re.compile(r"\n[A-Z][A-Z /]{4,}:.*| (?:Imię / Nazwa firmy|Zawód:).*", re.DOTALL)
_HYPHEN = re.compile(r"-")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a location string says.

    `places` in the order named, at most 100, a region or country only where nothing inside it is named;
    `eligible` are the ISO 3166-1 alpha-2 codes of areas named as a whole ("Remote - EMEA", "US only"), which
    bound where one may live if the work is remote; `worldwide` says that there is no such bound; `unknown`
    are the parts not understood.
    """

    places: tuple[Place, ...] = ()
    remote: bool = False
    hybrid: bool = False
    eligible: tuple[str, ...] = ()
    worldwide: bool = False
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class _Part:
    text: str
    cities: list[Row]
    areas: list[Row]
    group: list[str] | None = None
    worldwide: bool = False
    starts: bool = False
    aside: bool = False

    @property
    def known(self) -> bool:
        return bool(self.cities or self.areas or self.group or self.worldwide)


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country's name (in the larger European languages), short name or ISO code."""
    return next((row.country for row in table().named_areas(key(text[:100])) if row.kind == "C"), None)


_CHIEF_TOWN = 50_000


def search(text: str) -> Place | None:
    """The place a seeker means by `text`, a slug or words; None if there is none, as for "remote"."""
    text = text.strip()[:200]
    found = by_slug(text.casefold())
    if found is not None and found.kind != "country":
        return found
    written = by_label(text) if "," in text else None
    if written is not None:
        return _town(written)
    places = resolve(_LAST_CODE.sub(lambda code: code[0].upper(), text)).places
    return _town(places[0]) if places else None


def _town(found: Place) -> Place:
    """Where a region carries the name of its chief town, a seeker means the town."""
    if found.kind != "region":
        return found
    name = key(found.region or "")
    towns = [
        row
        for row in table().named_cities(name)
        if row.country == found.country and row.population >= _CHIEF_TOWN and key(row.name) == name
    ]
    return place(max(towns, key=lambda row: row.population)) if towns else found


@lru_cache(maxsize=16_384)
def resolve(text: str, country_hint: str | None = None) -> Resolved:
    """Read a location string; `country_hint` (ISO 3166-1 alpha-2) settles names several countries have."""
    text = _PROSE.sub("", text[:_LONGEST].replace("\xa0", " ").replace("\\n", "\n"))
    remote, hybrid = bool(words.REMOTE.search(text)), bool(words.HYBRID.search(text))
    parts = _parts(_CODES.sub(" ", _forward(words.REMOTE.sub(" , ", text))))
    if _NO_TOWN.fullmatch(text.strip()):
        parts = [_Part(part.text, [], part.areas) for part in parts]
    reading = _Reading(parts, country_hint)
    reading.read()
    worldwide = any(part.worldwide for part in parts) and not reading.eligible
    return Resolved(
        places=tuple(place(row) for row in reading.exact()[:MOST_PLACES]),
        remote=remote or worldwide,
        hybrid=hybrid,
        eligible=tuple(sorted(reading.eligible)),
        worldwide=worldwide,
        unknown=tuple(reading.unknown[:MOST_PLACES]),
    )


def _forward(text: str) -> str:
    """`US, NY, New York` the other way round; the code in the middle is dropped unless it names a region."""
    match = _FORWARD.fullmatch(text.strip())
    if match is None or not any(row.kind == "C" for row in table().named_areas(match[1].lower())):
        return text
    country, region, town = (group.strip() for group in match.groups())
    areas = table().named_areas(key(region))
    regions = [row.name for row in areas if row.kind == "R" and row.country == country]
    return ", ".join(part for part in (town.strip(" ,"), region if regions else "", _name(country)) if part)


def _name(country: str) -> str:
    return next(row.name for row in table().named_areas(country.lower()) if row.kind == "C")


def _parts(text: str) -> list[_Part]:
    parts: list[_Part] = []
    for segment in _STRONG.split(text):
        first = len(parts)
        whole = _look_up(segment.strip())
        if any(row.kind == "C" for row in whole.areas):
            parts.append(_Part(whole.text, whole.cities, whole.areas, starts=True))
            continue
        aside = False
        for piece in _PARTS.split(segment):
            aside = (aside or piece.strip() in ("(", "[")) and piece.strip() not in (")", "]")
            for part in _understand(piece):
                part.aside = aside and len(parts) > first
                parts.append(part)
        if len(parts) > first:
            parts[first].starts = True
    return parts


def _understand(piece: str, depth: int = 0) -> list[_Part]:
    """The named parts of a piece between commas; a piece not understood is one part without readings."""
    piece = piece.strip(" \t.,:*!?\"“”'-–_#~<>=")
    part = _look_up(piece)
    if not any(c.isalpha() for c in piece) or (key(piece) in words.FILLER and not part.areas):
        return []
    if part.known or depth > _DEEPEST:
        return [part]
    for separator in (_DASHED, _WORDED):
        pieces = separator.split(piece)
        if len(pieces) > 1:
            return [each for part in pieces for each in _understand(part, depth + 1)]
    stripped = words.TRAILING.sub("", words.LEADING.sub("", piece))
    if stripped != piece:
        return _understand(stripped, depth + 1)
    return _peel(piece, depth + 1) or _hyphened(piece) or [part]


def _hyphened(piece: str) -> list[_Part]:
    """`NYC-Privy`: a hyphen between names, where one of them is a place."""
    pieces = _HYPHEN.split(piece)
    found = [_look_up(part.strip()) for part in pieces if len(pieces) > 1]
    sure = (part.areas or part.group or any(row.population >= _FAMOUS for row in part.cities) for part in found)
    return found if any(sure) else []


def _look_up(text: str) -> _Part:
    name = key(text)
    if name in words.WORLDWIDE:
        return _Part(text, [], [], worldwide=True)
    if name in words.GROUPS and (len(name) > 2 or text.isupper()):
        return _Part(text, [], [], group=words.GROUPS[name])
    cities, areas = table().named_cities(name), table().named_areas(name)
    if not cities and not areas and any(pair in name for pair in ("ae", "oe", "ue")):
        cities = table().named_cities(name.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
    if len(name) == 2 and not text.isupper():
        areas = []
    return _Part(text, cities, areas)


def _peel(piece: str, depth: int) -> list[_Part]:
    """`Redmond WA USA`: the areas at the end of a piece, and what stands before them."""
    tokens = piece.split()
    for size in range(min(3, len(tokens) - 1), 0, -1):
        head, tail = " ".join(tokens[:-size]), _look_up(" ".join(tokens[-size:]))
        if tail.areas or tail.group:
            before = _understand(head, depth)
            if any(part.known for part in before) or len(tokens) - size <= 3:
                return [*before, tail]
    return []


def _inside(row: Row, area: Row) -> bool:
    if row.country != area.country or row.line == area.line:
        return False
    if area.kind == "C":
        return True
    if row.kind == "C" or row.kind == "R":
        return False
    if row.code != area.code or area.kind == "R":
        return row.code == area.code
    reach = _WIDE if area.population > 2_500_000 else _COUNTY
    return (row.kind == "P" or area.population > 2.5 * row.population) and _km(row, area) < reach


def _km(one: Row, other: Row) -> float:
    """Great-circle distance in kilometres (haversine formula, mean radius 6,371 km)."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return float("inf")
    lat, other_lat = radians(one.lat), radians(other.lat)
    east = sin(radians(other.lon - one.lon) / 2) ** 2
    chord = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * east
    return 2 * 6371 * asin(min(1.0, sqrt(chord)))


class _Reading:
    """One string's parts being read: qualified names first, then bare ones in the light of those."""

    def __init__(self, parts: list[_Part], hint: str | None) -> None:
        self.parts = parts
        self.hint = hint
        self.rows: dict[int, Row] = {}
        self.bare: list[int] = []
        self.eligible: set[str] = set()
        self.unknown: list[str] = []

    def read(self) -> None:
        at = 0
        while at < len(self.parts):
            at = self._read_group(at)
        for index in sorted(self.bare, key=lambda at: -max(row.population for row in self.parts[at].cities)):
            self._settle(index)

    def exact(self) -> list[Row]:
        """The places in order, without repeats and without what merely contains another."""
        found = list(dict.fromkeys(self.rows[at] for at in sorted(self.rows)))
        return [area for area in found if area.kind == "P" or not any(_inside(row, area) for row in found)]

    def _read_group(self, at: int) -> int:
        """Read the part at `at` with the areas that qualify it; where the next group begins."""
        part = self.parts[at]
        if part.group:
            self.eligible.update(part.group)
        if part.worldwide or part.group:
            return at + 1
        cities, after = self._narrow(part.cities, at)
        areas, after_area = self._narrow(part.areas, at)
        if after == after_area == at + 1:
            return self._unqualified(at)
        if after_area > after:
            cities = []
        elif after > after_area:
            areas = []
        self._choose(at, cities, areas)
        return max(after, after_area)

    def _narrow(self, rows: list[Row], at: int) -> tuple[list[Row], int]:
        after = at + 1
        while rows and after < len(self.parts) and not self.parts[after].starts:
            step = after
            if not self.parts[step].known and step + 1 < len(self.parts) and not self.parts[step + 1].starts:
                step += 1
            areas = self.parts[step].areas
            inside = [row for row in rows if row in areas or any(_inside(row, area) for area in areas)]
            if not inside:
                break
            rows, after = inside, step + 1
        return rows, after

    def _choose(self, at: int, cities: list[Row], areas: list[Row]) -> None:
        city, area = self._best(cities), self._best(areas)
        if city and (area is None or city.population >= _CITY_SHARE[area.kind] * area.population):
            self.rows[at] = city
        elif area:
            self.rows[at] = area
            self.eligible.add(area.country)

    def _best(self, rows: list[Row]) -> Row | None:
        return max(rows, key=self._weight, default=None)

    def _weight(self, row: Row) -> float:
        return self._home(row) * (10 if row.country == "US" and row.kind == "R" else 1)

    def _home(self, row: Row) -> float:
        return row.population * (_HINTED if row.country == self.hint else 1)

    def _unqualified(self, at: int) -> int:
        part = self.parts[at]
        countries = [row for row in part.areas if row.kind == "C" and len(part.text) > 2]
        areas = [row for row in part.areas if row.country == self.hint] or countries or part.areas
        follows_unknown = at and not part.starts and not self.parts[at - 1].known
        if areas and follows_unknown and self._meant(part):
            self._choose(at, [], areas)
        elif part.cities and not self._best_share(part.cities, areas):
            self.bare.append(at)
        elif areas and self._meant(part):
            self._choose(at, [], areas)
        else:
            self.unknown.append(part.text)
        return at + 1

    def _meant(self, part: _Part) -> bool:
        """Whether an unqualified area's name is more than jargon or a common word."""
        if part.aside and not any(row.country == area.country for row in self.rows.values() for area in part.areas):
            return not self.rows
        if key(part.text) in words.JARGON:
            return any(other.known and key(other.text) not in words.JARGON for other in self.parts)
        return key(part.text) not in words.COMMON

    def _best_share(self, cities: list[Row], areas: list[Row]) -> bool:
        """Whether an area outweighs the cities of its name."""
        city, area = self._best(cities), self._best(areas)
        if city is None or area is None:
            return area is not None
        return self._home(city) < _CITY_SHARE[area.kind] * self._home(area)

    def _settle(self, at: int) -> None:
        """Choose among the cities of a name that nothing qualifies."""
        part = self.parts[at]
        around = [row for index, row in self.rows.items() if index != at]
        countries = {row.country for row in around}

        def weight(row: Row) -> float:
            if any(_km(row, other) < 60 for other in around):
                return 100 * self._weight(row)
            return (10 if row.country in countries else 1) * self._weight(row)

        best = max(part.cities, key=self._weight)
        if best.population < _FAMOUS:
            best = max(part.cities, key=weight)
        if self._believable(best, at, countries):
            self.rows[at] = best
        else:
            self.unknown.append(part.text)

    def _believable(self, row: Row, at: int, countries: set[str]) -> bool:
        part = self.parts[at]
        if key(part.text) in words.COMMON:
            return row.country == self.hint and row.population >= _TOWN
        if self._denied(row, at) or (len(part.text) < 3 and row.population < _FAMOUS):
            return False
        doubtful = _FAMOUS if part.aside else _TOWN if row.country != self.hint else 0
        if self.rows and row.population < doubtful:
            return any(_km(row, other) < _COUNTY for other in self.rows.values())
        home = row.country == self.hint or row.country in countries
        if countries and not home:
            return row.population >= _CITY
        return home or row.population >= _TOWN or (len(part.text) > 4 and self._only_country(part))

    def _denied(self, row: Row, at: int) -> bool:
        """Whether an area follows that does not hold this city: `London, OR` is not the famous one."""
        following = self.parts[at + 1] if at + 1 < len(self.parts) else None
        if following is None or following.starts or not following.areas:
            return False
        if len(following.text) == 2:
            return not any(city.population >= _FAMOUS for city in following.cities)
        small = row.population < _FAMOUS or all(area.kind != "C" for area in following.areas)
        return small and self._best_share(following.cities, following.areas)

    @staticmethod
    def _only_country(part: _Part) -> bool:
        return len({row.country for row in part.cities}) == 1
