"""Places by name, by slug and in location strings."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.postings import gazetteer
from app.domain.postings.gazetteer.table import place, table


def labels(text: str, hint: str | None = None) -> list[str]:
    return [gazetteer.label(found) for found in gazetteer.resolve(text, hint).places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US, NY, New York", ["New York City, NY"]),
        ("US, NY, ", ["New York, United States"]),
        ("GB, , ", ["United Kingdom"]),
        ("JP, 13, Shibuya", ["Shibuya, Japan"]),
        ("GB, LND, london", ["London, United Kingdom"]),
        ("Natick, MA 01760", ["Natick, MA"]),
        ("Durham, NC\xa0+1 location", ["Durham, NC"]),
        ("mazowieckie", ["Mazowieckie, Poland"]),
        ("Starogard Gdański pomorskie", ["Starogard Gdański, Poland"]),
        ("Kraków (Małopolskie)", ["Kraków, Poland"]),
        ("Bydgoszcz kujawsko-pomorskie", ["Bydgoszcz, Poland"]),
        ("Kraków ul. Gertrudy 5", ["Kraków, Poland"]),
        ("District of Columbia, District of Columbia", ["Washington, DC"]),
        ("Paris, TX", ["Paris, TX"]),
        ("Paris", ["Paris, France"]),
        ("Georgia", ["Georgia"]),
        ("Atlanta, Georgia", ["Atlanta, GA"]),
        ("Tbilisi, Georgia", ["Tbilisi, Georgia"]),
        ("Hamilton, ON CA", ["Hamilton, Canada"]),
        ("Berlin, DE", ["Berlin, Germany"]),
        ("Westborough or Boston MA USA", ["Westborough, MA", "Boston, MA"]),
        ("Berlin/Munich/Chicago", ["Berlin, Germany", "Munich, Germany", "Chicago, IL"]),
        ("Eugene, Oregon |  Rawlins, Wyoming", ["Eugene, OR", "Rawlins, WY"]),
        ("San Francisco, CA, New York, NY", ["San Francisco, CA", "New York City, NY"]),
        ("Yerevan, Armenia, Tbilisi, Georgia", ["Yerevan, Armenia", "Tbilisi, Georgia"]),
        ("São Paulo - SP", ["São Paulo, Brazil"]),
        ("Brazil; São Paulo", ["São Paulo, Brazil"]),
        ("Stratford, London", ["Stratford, United Kingdom", "London, United Kingdom"]),
        ("Waterloo, London", ["London, United Kingdom"]),
        ("London, OR", ["Oregon, United States"]),
        ("Bremen, Oregon", ["Oregon, United States"]),
        ("San Francisco, CA (Mission)", ["San Francisco, CA"]),
        ("Northamptonshire East Midlands", ["Northamptonshire, United Kingdom"]),
        ("Singapore", ["Singapore, Singapore"]),
        ("Congo - Kinshasa", ["Congo - Kinshasa"]),
        ("Goma, Congo - Kinshasa", ["Goma, Congo - Kinshasa"]),
        ("Bombay", ["Mumbai, India"]),
        ("München", ["Munich, Germany"]),
        ("Muenchen", ["Munich, Germany"]),
        ("Warszawa", ["Warsaw, Poland"]),
        ("St. Louis, MO", ["St. Louis, MO"]),
    ],
)
def test_location_strings_reach_their_places(text: str, expected: list[str]) -> None:
    assert labels(text) == expected


def test_the_hint_settles_what_two_countries_share() -> None:
    assert labels("Surrey", "GB") == ["Surrey, United Kingdom"]
    assert labels("Surrey", "CA") == ["Surrey, Canada"]
    assert labels("Georgia", "US") == ["Georgia, United States"]
    assert labels("Birmingham", "US") == ["Birmingham, AL"]
    assert labels("Toronto", "US") == ["Toronto, Canada"]
    assert labels("Durham", "GB") == ["Durham, United Kingdom"]


@pytest.mark.parametrize(
    ("text", "eligible"),
    [
        ("Remote - India", {"IN"}),
        ("US Remote", {"US"}),
        ("Remote (USA for now)", {"US"}),
        ("Remote, DACH", {"DE", "AT", "CH"}),
        ("Remote BE or HU or DK or PL", {"BE", "HU", "DK", "PL"}),
        ("Remote within Canada or United States", {"CA", "US"}),
        ("Remote in the Nordics", {"DK", "FI", "IS", "NO", "SE"}),
    ],
)
def test_remote_work_says_from_where(text: str, eligible: set[str]) -> None:
    found = gazetteer.resolve(text)
    assert found.remote
    assert not found.worldwide
    assert set(found.eligible) == eligible


def test_groups_of_countries_are_lists_of_their_codes() -> None:
    assert {"FR", "DE", "AE", "ZA"} <= set(gazetteer.resolve("Remote-EMEA").eligible)
    assert "GB" not in gazetteer.resolve("EU").eligible
    assert len(gazetteer.resolve("EU").eligible) == 27
    assert {"BR", "MX"} <= set(gazetteer.resolve("LATAM").eligible)
    assert set(gazetteer.resolve("Remote, North America").eligible) == {"CA", "MX", "US"}
    assert {"AU", "JP", "IN"} <= set(gazetteer.resolve("APAC").eligible)


@pytest.mark.parametrize("text", ["Anywhere", "Anywhere in the World", "Remote, worldwide", "Global"])
def test_anywhere_is_worldwide_and_remote(text: str) -> None:
    found = gazetteer.resolve(text)
    assert found.worldwide
    assert found.remote
    assert found.places == found.eligible == ()


def test_remote_and_hybrid_leave_the_city() -> None:
    remote = gazetteer.resolve("Amsterdam, Netherlands / Remote")
    assert remote.remote and not remote.hybrid and not remote.eligible
    assert remote.places[0].city == "Amsterdam"
    hybrid = gazetteer.resolve("Hybrid remote in Navi Mumbai, Maharashtra")
    assert hybrid.remote and hybrid.hybrid
    assert hybrid.places[0].city == "Navi Mumbai"


def test_codes_that_are_jargon_are_no_countries() -> None:
    assert gazetteer.resolve("Infra / Platform / SWE").places == ()
    assert gazetteer.resolve("AI in healthcare").places == ()
    assert gazetteer.resolve("React, Scala, Python").places == ()


def test_an_event_notice_is_unknown() -> None:
    found = gazetteer.resolve("The opening ceremony will be held at 18:00, entrance is free of charge")
    assert found.places == ()
    assert found.unknown


def test_a_list_ends_at_a_hundred_places() -> None:
    states = [row.name for row in map(table().row, table().regions.values()) if row.country == "US"]
    towns = [line.split("\t")[3] for line in table().lines if line.startswith("P\tUS\tTX\t")][:300]
    assert len(gazetteer.resolve("; ".join(states)).places) == len(set(states)) - 1
    assert len(gazetteer.resolve(" | ".join(f"{town}, TX" for town in towns)).places) == 100


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("berlin", "berlin-de"),
        ("BERLIN", "berlin-de"),
        ("Berlin, Germany", "berlin-de"),
        ("berlin-de", "berlin-de"),
        ("new york", "new-york-city-us"),
        ("paris tx", "paris-tx-us"),
        ("springfield, il", "springfield-il-us"),
        ("krakow", "krakow-pl"),
        ("uk", "united-kingdom"),
        ("germany", "germany"),
        ("bavaria", "bavaria-region-de"),
    ],
)
def test_a_seeker_finds_a_place(typed: str, slug: str) -> None:
    found = gazetteer.search(typed)
    assert found is not None
    assert found.slug == slug


@pytest.mark.parametrize("typed", ["", " ", "remote", "anywhere", "qwertyuiop", "\0", "12345", "%", "a" * 5000])
def test_a_seeker_finds_nothing_in_nonsense(typed: str) -> None:
    assert gazetteer.search(typed) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "DE"), ("deutschland", "DE"), ("de", "DE"), ("DEU", "DE"), ("UK", "GB"), ("USA", "US"),
     ("U.S.", "US"), ("Korea", "KR"), ("Türkiye", "TR"), ("Berlin", None), ("", None)],
)
def test_country_codes(text: str, code: str | None) -> None:
    assert gazetteer.country_code(text) == code


def test_suggestions_begin_with_what_is_typed() -> None:
    assert [gazetteer.label(found) for found in gazetteer.suggest("Paris, T", 5)] == ["Paris, TX", "Paris, TN"]
    assert gazetteer.label(gazetteer.suggest("mün", 1)[0]) == "Munich, Germany"
    assert "Berlin, Germany" in [gazetteer.label(found) for found in gazetteer.suggest("berl", 5)]
    assert len(gazetteer.suggest("a", 7)) == 7
    assert gazetteer.suggest("", 5) == gazetteer.suggest("berlin", 0) == gazetteer.suggest("qqqq", 5) == []


@pytest.mark.parametrize(
    ("slug", "label"),
    [
        ("berlin-de", "Berlin, Germany"),
        ("paris-tx-us", "Paris, TX"),
        ("texas-region-us", "Texas, United States"),
        ("surrey-eng-region-gb", "Surrey, United Kingdom"),
        ("germany", "Germany"),
        ("cook-county-il-region-us", "Cook County, IL"),
        ("rosenthal-hesse-de", "Rosenthal, Hesse, Germany"),
    ],
)
def test_labels(slug: str, label: str) -> None:
    found = gazetteer.by_slug(slug)
    assert found is not None
    assert gazetteer.label(found) == label


def test_most_towns_are_found_by_their_label() -> None:
    rows = [table().row(at) for at, line in enumerate(table().lines) if line[0] == "P"][::101]
    towns = [place(row) for row in rows]
    assert sum(gazetteer.search(gazetteer.label(town)) == town for town in towns) / len(towns) > 0.98


def test_counties_are_told_from_regions() -> None:
    surrey, bavaria = gazetteer.by_slug("surrey-eng-region-gb"), gazetteer.by_slug("bavaria-region-de")
    assert surrey and surrey.county
    assert bavaria and not bavaria.county


def test_every_slug_is_unique_and_leads_back() -> None:
    rows = [table().row(at) for at in range(len(table().lines))]
    slugs = Counter(place(row).slug for row in rows)
    assert [slug for slug, times in slugs.items() if times > 1] == []
    assert max(map(len, slugs)) <= 120
    for row in rows[::97]:
        assert gazetteer.by_slug(place(row).slug) == place(row)


def test_the_rule_of_slugs() -> None:
    paris, springfield = gazetteer.by_slug("paris-fr"), gazetteer.by_slug("springfield-il-us")
    assert paris and paris.population > 1_000_000
    assert springfield and springfield.region == "Illinois"
    assert gazetteer.by_slug("springfield-us") is None
    assert gazetteer.by_slug("Berlin-DE") is None


@given(st.text(max_size=200), st.sampled_from([None, "US", "GB", "xx", ""]))
def test_no_text_breaks_it(text: str, hint: str | None) -> None:
    found = gazetteer.resolve(text, hint)
    assert len(found.places) <= 100
    gazetteer.search(text)
    gazetteer.suggest(text, 5)
    gazetteer.by_slug(text)
    gazetteer.country_code(text)


PIECES = ["Berlin", "US", "remote", ",", " - ", "(", ")", "/", "or", "CA", "London", "Georgia", ";", "\n", "EMEA", "x"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
def test_no_mixture_of_places_breaks_it(text: str) -> None:
    assert len(gazetteer.resolve(text).places) <= 100


@pytest.mark.parametrize(
    "text", ["Berlin " * 1100, "a or " * 1500, "x-" * 4000, "((" * 4000, "City of " * 1000, " area" * 1600]
)
def test_no_long_repetition_breaks_it(text: str) -> None:
    assert len(gazetteer.resolve(text).places) <= 100
