"""The one parser of a listing's arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search.filters import ARGUMENTS, MOST_VALUES, Filters, parse


def read(**given: str | list[str]) -> Filters:
    parsed = parse(_pairs(**given), "EUR")
    assert not parsed.problems
    return parsed.filters


def _pairs(**given: str | list[str]) -> list[tuple[str, str]]:
    return [(name, v) for name, value in given.items() for v in (value if isinstance(value, list) else [value])]


def test_nothing_is_everything() -> None:
    filters = read(q="", type=["", " "], place="", utm_source="mail")
    assert filters == Filters()
    assert not filters and filters.to_args() == [] and filters.order == "newest"


def test_all_arguments_in_canonical_order() -> None:
    filters = read(
        sort="salary", company="acme", experience="lead", posted_within="7", currency="usd", salary_min="60,000",
        radius_km="25", place="Berlin", country=["us", "DE"], workplace="remote", type=["part_time", "FULL-TIME"],
        category="nursing", q="  night   nurse ",
    )  # fmt: skip
    assert filters.to_args() == [
        ("q", "night nurse"), ("category", "nursing"), ("type", "full_time"), ("type", "part_time"),
        ("workplace", "remote"), ("country", "DE"), ("country", "US"), ("place", "berlin-de"), ("radius_km", "25"),
        ("salary_min", "60000"), ("currency", "USD"), ("posted_within", "7"), ("experience", "lead"),
        ("company", "acme"), ("sort", "salary"),
    ]  # fmt: skip
    assert parse(filters.to_args(), "EUR").filters == filters


def test_order_follows_the_words() -> None:
    assert read(q="nurse").order == "relevance"
    assert read(q="nurse", sort="newest").order == "newest"
    assert read(sort="relevance").order == "newest"


def test_pay_without_currency_means_the_boards() -> None:
    assert read(salary_min="50k").to_args() == [("salary_min", "50000"), ("currency", "EUR")]
    assert read(sort="salary").currency == "EUR"
    assert read(currency="USD") == Filters()
    assert Filters(default_currency="PLN").with_("salary_min", "9000").currency == "PLN"


def test_place_finds_its_own_argument() -> None:
    assert read(place="Remote").to_args() == [("workplace", "remote")]
    assert read(place="Germany").to_args() == [("country", "DE")]
    assert read(place="berlin-de").place == "berlin-de"
    assert read(radius_km="10") == Filters()


def test_adding_and_taking_away() -> None:
    filters = read(q="nurse", type=["full_time", "contract"], place="Berlin", radius_km="10", salary_min="40000")
    assert filters.without("type", "contract").type == ("full_time",)
    assert filters.without("type").type == ()
    assert filters.without("place").to_args() == read(
        q="nurse", type=["full_time", "contract"], salary_min="40000"
    ).to_args()
    assert filters.without("salary_min").currency is None
    assert filters.with_("type", "other").type == ("full_time", "contract", "other")
    assert filters.with_("salary_min", "80000").salary_min == 80000
    assert filters.with_("place", "hamburg-de").radius_km == 10


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("type", "sometimes"), ("workplace", "moon"), ("experience", "guru"), ("sort", "random"), ("country", "XX"),
        ("country", "Germany "), ("country", "ÄÖ"), ("place", "Xyzzyplugh"), ("place", "x" * 10_000),
        ("radius_km", "0"), ("radius_km", "501"), ("radius_km", "far"), ("salary_min", "-1"), ("salary_min",
        "1" + "0" * 23),
        ("salary_min", "٥٠٠٠٠"), ("salary_min", "1e5"), ("currency", "XYZ"), ("currency", "€"),
        ("posted_within", "1.5"), ("posted_within", "9" * 5000), ("category", "../etc"), ("company", "a b"),
        ("company", "x" * 10_000),
        ("q", "x" * 10_000), ("type", "\0"), ("category", "\ud800"),
    ],
)  # fmt: skip
def test_a_bad_value_is_told_and_ignored(argument: str, value: str) -> None:
    parsed = parse([(argument, value)], "EUR")
    assert list(parsed.problems) == [argument]
    assert parsed.problems[argument].endswith(".")
    assert parsed.filters == Filters()


def test_too_many_values() -> None:
    parsed = parse([("company", f"c-{number}") for number in range(10_000)], "EUR")
    assert len(parsed.filters.company) == MOST_VALUES and "company" in parsed.problems


def test_the_cursor_is_no_filter() -> None:
    parsed = parse([("after", "abc"), ("q", "nurse")], "EUR")
    assert parsed.after == "abc" and parsed.filters == read(q="nurse")
    assert parse([("after", "")], "EUR").after is None


def test_lists_that_differ_have_fingerprints_that_differ() -> None:
    lists = [read(), read(q="a1"), read(q="a1", sort="newest"), read(sort="salary"), read(type="other"),
             read(place="berlin-de"), read(place="berlin-de", radius_km="10"), read(company="other")]  # fmt: skip
    assert len({filters.fingerprint for filters in lists}) == len(lists)


VALUES = st.sampled_from(
    ["full_time", "contract", "remote", "DE", "us", "Berlin", "paris-fr", "germany", "remote", "50", "70000", "USD",
     "eur", "7", "senior", "acme", "salary", "newest", "nurse", '"x y" -z', "", " ", "c++", "10" * 12]
) | st.text(max_size=20)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(ARGUMENTS) | st.text(max_size=5), VALUES), max_size=12))
def test_canonical_arguments_mean_the_same(args: list[tuple[str, str]]) -> None:
    filters = parse(args, "EUR").filters
    again = parse(filters.to_args(), "EUR")
    assert again.filters == filters and not again.problems
    assert again.filters.to_args() == filters.to_args()
    assert parse(list(reversed(filters.to_args())), "EUR").filters == filters
    for argument, value in filters.to_args():
        always = {"radius_km", "currency"}  # a distance has a default, and a least pay is always in some currency
        assert value not in filters.without(argument, value).values(argument) or argument in always
