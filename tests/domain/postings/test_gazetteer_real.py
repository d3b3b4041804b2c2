"""How much of the location strings real boards carry is understood; needs the real inputs (NEXUS_DATA)."""

import csv
import gzip
import os
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pytest

from app.domain.postings import gazetteer

pytestmark = pytest.mark.skipif("NEXUS_DATA" not in os.environ, reason="NEXUS_DATA names no folder of real inputs")

NO_CITY = {
    "Montgomery County, Maryland": "a county",
    "Los Angeles County, California": "a county",
    "Adams County, Pennsylvania": "a county",
    "Location Negotiable After Selection, United States": "no place yet",
}


def geo(name: str) -> Path:
    return Path(os.environ["NEXUS_DATA"]) / "geo" / name


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance (haversine)."""
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * 6371 * asin(sqrt(chord))


def test_seven_of_ten_location_strings_reach_a_city() -> None:
    strings = reached = times = times_reached = 0
    with gzip.open(geo("location_strings.csv.gz"), "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            hit = any(place.kind == "city" for place in gazetteer.resolve(row["location"]).places)
            strings, reached = strings + 1, reached + hit
            times, times_reached = times + int(row["count"]), times_reached + hit * int(row["count"])
    assert strings > 10_000
    assert reached / strings >= 0.69
    assert times_reached / times >= 0.69


def test_every_single_usajobs_city_is_within_50_km() -> None:
    with geo("usajobs_latlon_truth.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["location"] not in NO_CITY]
    assert len(rows) > 200
    wrong = []
    for row in rows:
        places = gazetteer.resolve(row["location"]).places
        cities = [place for place in places if place.kind == "city" and place.lat is not None and place.lon is not None]
        far = [
            kilometres(city.lat or 0, city.lon or 0, float(row["lat"]), float(row["lon"])) for city in cities
        ]
        if len(places) != 1 or not far or far[0] > 50:
            wrong.append((row["location"], [gazetteer.label(place) for place in places], far))
    assert wrong == []
