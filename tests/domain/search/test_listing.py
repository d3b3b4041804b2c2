"""Both engines list the same postings in the same order and count the same, which is what plain Python says."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.errors import BadCursor
from app.core.events import company_changed, postings_changed
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus
from app.domain.search import queries
from app.domain.search.facets import AGES
from app.domain.search.filters import REPEATABLE, Filters, parse
from tests.domain.search.market import NOW, QUERIES, Market

KEY = b"a key for tests"


@pytest.fixture
def market(session: Session) -> Market:
    market = Market(seed=7, size=300)
    market.store(session)
    return market


def asked(*args: tuple[str, str]) -> Filters:
    parsed = parse(args, "EUR")
    assert not parsed.problems
    return parsed.filters


def walk(session: Session, filters: Filters, limit: int = 100) -> list[int]:
    ids: list[int] = []
    after = None
    while True:
        page = queries.search(session, filters, NOW, key=KEY, limit=limit, after=after)
        ids += [card.id for card in page.cards]
        if page.next is None:
            return ids
        after = page.next


def random_filters(market: Market, chance: random.Random) -> Filters:
    def some(values: list[str], most: int = 2) -> list[str]:
        return chance.sample(values, chance.randint(1, most))

    choices = {
        "q": [chance.choice(QUERIES)], "category": some(list(market.categories.values())),
        "type": some(["full_time", "part_time", "other", "contract"]), "workplace": some(["remote", "hybrid"]),
        "country": some(["DE", "FR", "US", "JP"]), "place": [chance.choice(market.cities)],
        "salary_min": [str(chance.choice([20_000, 50_000, 77_000, 150_000]))], "posted_within": [chance.choice("137")],
        "experience": some(["entry", "lead"]), "company": some([f"acme-{n}" for n in range(1, 9)], 3),
        "sort": [chance.choice(["newest", "relevance", "salary"])], "currency": [chance.choice(["EUR", "USD"])],
    }  # fmt: skip
    names = chance.sample(list(choices), chance.choice([0, 1, 1, 2, 2, 3, 4]))
    if "place" in names:
        choices["radius_km"] = [chance.choice(["1", "30", "50", "400"])]
        names.append("radius_km")
    return asked(*((name, value) for name in names for value in choices[name]))


def test_every_query_finds_what_it_says(session: Session, market: Market) -> None:
    hits = 0
    for text in QUERIES:
        for sort in ("newest", "relevance"):
            filters = asked(("q", text), ("sort", sort))
            expected = [fact.id for fact in market.listed(filters)]
            assert walk(session, filters) == expected, text
            hits += len(expected)
    assert hits > 1000


def test_a_phrase_does_not_reach_from_one_line_into_the_next(session: Session, market: Market) -> None:
    crossing = {f'"{fact.title.split()[-1]} acme"' for fact in market.facts if fact.company and fact.title.isascii()}
    assert len(crossing) > 10
    for text in crossing:
        filters = asked(("q", text))
        assert walk(session, filters) == [fact.id for fact in market.listed(filters)] == []


def test_random_filters_list_and_count_exactly(session: Session, market: Market) -> None:
    chance = random.Random(11)
    for _ in range(60):
        filters = random_filters(market, chance)
        expected = market.listed(filters)
        assert walk(session, filters) == [fact.id for fact in expected], filters
        facets = queries.facets(session, filters, NOW, currency="EUR")
        assert facets.total == queries.total(session, filters, NOW) == len(expected)
        for argument, facet in facets.by_argument.items():
            for option in facet.options:
                rest = filters.without(argument) if argument in REPEATABLE else filters
                alone = rest.with_(argument, option.value)
                if argument == "salary_min":
                    alone = alone.with_("currency", facets.currency)
                assert option.count == len(market.listed(alone)), (argument, option, filters)
                assert option.chosen == (option.value in filters.values(argument))


def test_a_region_holds_its_cities(session: Session, market: Market) -> None:
    filters = asked(("place", "Brandenburg, Germany"), ("sort", "newest"))
    expected = [fact.id for fact in market.listed(Filters()) if "potsdam-de" in fact.cities]
    assert expected and walk(session, filters) == expected
    assert queries.facets(session, filters, NOW, currency="EUR").total == len(expected)


def test_options_without_hits_stay(session: Session, market: Market) -> None:
    facets = queries.facets(session, asked(("q", "nothinglikethis")), NOW, currency="EUR")
    assert facets.total == 0
    assert [o.value for o in facets.by_argument["category"].options] == list(market.categories.values())
    assert [o.count for o in facets.by_argument["workplace"].options] == [0, 0, 0]
    assert [o.value for o in facets.by_argument["posted_within"].options] == [str(days) for days in AGES]


def test_what_is_chosen_is_always_an_option(session: Session, market: Market) -> None:
    filters = asked(("country", "JP"), ("company", "acme-3"), ("salary_min", "77000"), ("place", "berlin-de"))
    facets = queries.facets(session, filters, NOW, currency="EUR").by_argument
    for argument in ("country", "company", "salary_min", "place"):
        assert [o.value for o in facets[argument].options if o.chosen] == list(filters.values(argument))


def test_a_page_asks_few_statements_whatever_the_size(session: Session, market: Market) -> None:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        filters = asked(("q", "nurse"), ("type", "full_time"), ("country", "DE"))
        queries.search(session, filters, NOW, key=KEY)
        assert len(statements) == 1
        queries.facets(session, filters, NOW, currency="EUR")
        assert len(statements) == 3
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("args", [(), (("q", "nurse"),), (("sort", "salary"), ("currency", "USD"))])
def test_a_tampered_cursor_is_refused(session: Session, market: Market, args: tuple[tuple[str, str], ...]) -> None:
    filters = asked(*args)
    cursor = queries.search(session, filters, NOW, key=KEY, limit=5).next
    assert cursor
    chance = random.Random(3)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. é\0"
    for _ in range(1000):
        at = chance.randrange(len(cursor))
        change = chance.choice(["", chance.choice(alphabet), chance.choice(alphabet) * 2])
        tampered = cursor[:at] + change + cursor[at + chance.choice([0, 1]) :]
        if tampered != cursor:
            with pytest.raises(BadCursor):
                queries.search(session, filters, NOW, key=KEY, after=tampered)
    for other in (asked(("q", "nurse"), ("sort", "newest")), asked(("type", "other"))):
        with pytest.raises(BadCursor):
            queries.search(session, other, NOW, key=KEY, after=cursor)
    with pytest.raises(BadCursor):
        queries.search(session, filters, NOW, key=b"another key", after=cursor)


@pytest.mark.parametrize("args", [(), (("q", "nurse"),), (("sort", "salary"),)])
def test_walking_meets_every_lasting_posting_once(
    session: Session, market: Market, args: tuple[tuple[str, str], ...]
) -> None:
    filters, chance = asked(*args), random.Random(5)
    lasting = {fact.id for fact in market.listed(filters)}
    others = [fact.id for fact in market.facts if fact.id not in lasting]
    seen: list[int] = []
    after = None
    while True:
        page = queries.search(session, filters, NOW, key=KEY, limit=3, after=after)
        seen += [card.id for card in page.cards]
        after = page.next
        if after is None:
            break
        leaving, coming = chance.choice(sorted(lasting)), others.pop(chance.randrange(len(others)))
        session.execute(update(Posting).where(Posting.id == leaving).values(status=PostingStatus.CLOSED))
        lasting.discard(leaving)
        session.execute(
            update(Posting).where(Posting.id == coming)
            .values(status=PostingStatus.PUBLISHED, published_at=NOW - timedelta(hours=chance.randint(1, 900)),
                    expires_at=NOW + timedelta(days=1), frozen_at=None)
        )  # fmt: skip
        if not lasting:
            break
    assert len(seen) == len(set(seen))
    assert lasting <= set(seen)


def test_the_index_follows_in_the_same_transaction(session: Session, market: Market) -> None:
    fact = market.listed(Filters())[0]
    assert not walk(session, asked(("q", "quokka")))
    session.execute(update(Posting).where(Posting.id == fact.id).values(title="Quokka keeper"))
    postings_changed.send("tests", session=session, posting_ids=[fact.id], now=NOW)
    assert walk(session, asked(("q", "quokkas"))) == [fact.id]
    session.execute(update(Posting).where(Posting.id == fact.id).values(title="Keeper"))
    postings_changed.send("tests", session=session, posting_ids=[fact.id], now=NOW)
    assert not walk(session, asked(("q", "quokka")))


def test_a_company_is_found_by_its_new_name_only(session: Session, market: Market) -> None:
    ids = [fact.id for fact in market.listed(asked(("company", "acme-1")))]
    session.execute(update(Company).where(Company.id == 1).values(name="Zyzzyva Ltd"))
    company_changed.send("tests", session=session, company_id=1, now=NOW)
    assert walk(session, asked(("q", "zyzzyva"), ("sort", "newest"))) == ids
    assert not set(walk(session, asked(("q", '"acme 1"')))) & set(ids)


def test_a_removed_row_leaves_the_index(session: Session, market: Market) -> None:
    fact = market.listed(asked(("q", "nurse")))[0]
    session.delete(session.get_one(Posting, fact.id))
    session.flush()
    assert fact.id not in walk(session, asked(("q", "nurse")))


def test_unknown_categories_and_companies_are_told(session: Session, market: Market) -> None:
    parsed = parse([("category", "field-1"), ("category", "nowhere"), ("company", "nobody")], "EUR")
    known = queries.known(session, parsed, NOW)
    assert known.filters == asked(("category", "field-1"))
    assert set(known.problems) == {"category", "company"}


def test_hostile_queries_are_answered(session: Session, market: Market) -> None:
    hostile = ["'", "\\", '"', "a' OR '1'='1", ":*", "<->", "!", "&", "()", "NEAR(a b)", "terms:x", "^a", "{a}",
               "a:b", "-" * 300, '"' * 300, "OR " * 100, "*" * 300, "a" * 300, "東" * 300, "c++" * 100,
               "\ue000", "\ue001nurse", "😀", "%_%", "x'); DROP TABLE postings;--",
               "\u202e\u200d", "a-b-c-d-e", "''''"]  # fmt: skip
    for text in hostile:
        filters = asked(("q", text))
        assert walk(session, filters) == [fact.id for fact in market.listed(filters)], text
        queries.facets(session, filters, NOW, currency="EUR")
