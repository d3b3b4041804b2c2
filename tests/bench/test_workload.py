"""What is asked is always the same, and the product understands it."""

from urllib.parse import parse_qsl

from app.domain.search.filters import parse
from bench.drawing import made
from bench.nasty import MOST_WORDS, nasty
from tests.bench.test_corpus import ROWS


def test_the_same_is_drawn_each_time() -> None:
    one, other = made(ROWS, size=50), made(ROWS, size=50)
    assert one == other and len(one.mix) == 50 and all(one.mix)


def test_the_product_understands_all_of_it() -> None:
    for query in made(ROWS, size=80).mix:
        parsed = parse(parse_qsl(query), "USD")
        assert not parsed.problems and (parsed.filters.to_args()), query


def test_the_worst_is_within_what_the_product_reads() -> None:
    words = [f"word{number}" for number in range(MOST_WORDS)]
    found = nasty(words, {"type": ["full_time"], "country": ["DE", "US"]})
    assert len(found) > 15
    for name, query in found.items():
        assert not parse(parse_qsl(query), "USD").problems, name
