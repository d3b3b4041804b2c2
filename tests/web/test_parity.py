"""One listing at every door: the same postings in the same order, whatever is asked.

NEXUS_FUZZ=200 asks a thousand different sets of filters on each engine.
"""

import os
import random
from collections.abc import Iterator

from flask.testing import FlaskClient

from tests.domain.search.market import Market
from tests.domain.search.test_listing import random_filters
from tests.web.doors import DOORS, Asked, html, walked

SETS = 5 * int(os.environ.get("NEXUS_FUZZ", "6"))
WHOLE = 4
"""Each so manieth set is walked to the end of every door's listing; of the others the first pages are read."""


def sets(market: Market, seed: int) -> Iterator[tuple[Asked, list[int]]]:
    """Sets of filters, no two the same, with an order stated, and the ids that plain Python finds by them."""
    chance, met = random.Random(seed), set()
    while len(met) < SETS:
        filters = random_filters(market, chance)
        asked = tuple(filters.to_args())
        if not filters.sort:
            asked += (("sort", "newest"),)
            filters = filters.with_("sort", "newest")
        if asked not in met:
            met.add(asked)
            yield asked, [fact.id for fact in market.listed(filters)]


def test_every_door_lists_the_same_in_the_same_order(market: Market, client: FlaskClient) -> None:
    met = 0
    for number, (asked, expected) in enumerate(sets(market, seed=3)):
        for name, door in DOORS.items():
            if number % WHOLE == 0:
                assert walked(client, door, asked) == expected, (name, asked)
                continue
            ids, after = door(client, asked, None)
            assert ids == expected[: len(ids)], (name, asked)
            assert len(ids) == len(expected) or (ids and after), (name, asked)
            assert (after is None) == (len(ids) == len(expected)), (name, asked)
        met += len(expected)
    assert met > SETS


def test_a_listing_begun_at_one_door_goes_on_at_the_next(market: Market, client: FlaskClient) -> None:
    for number, (asked, expected) in enumerate(sets(market, seed=5)):
        if number % WHOLE == 0:
            turns = [*DOORS.values()]
            random.Random(number).shuffle(turns)
            assert walked(client, turns, asked) == expected, (asked, turns)


def test_each_door_says_how_many_there_are(market: Market, client: FlaskClient) -> None:
    for asked, expected in sets(market, seed=7):
        found = client.get("/api/v1/postings", query_string=[("limit", "1"), *asked]).json
        assert found["total"] == len(expected), asked


def test_unstated_order_is_the_newest_in_feeds_and_what_fits_best_elsewhere(
    market: Market, client: FlaskClient
) -> None:
    bare, newest, best = ((("q", "nurse"), *more) for more in ((), (("sort", "newest"),), (("sort", "relevance"),)))
    newest_ids, best_ids = walked(client, html, newest), walked(client, html, best)
    assert newest_ids != best_ids
    for name, door in DOORS.items():
        assert walked(client, door, bare) == (newest_ids if name in {"Atom", "RSS", "JSON"} else best_ids), name
