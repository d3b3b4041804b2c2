"""The product's documents and filters as numbers and tokens, for the reference engine."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, create_engine, text

from app.domain.postings.gazetteer import by_slug
from app.domain.search.distance import distance_km
from app.domain.search.facets import AGES
from app.domain.search.filters import Filters, parse
from app.domain.search.grammar import Prefix, Term
from app.domain.search.pay import steps
from bench.peers.tantivyengine import Filed, Request
from bench.where import NOW

_AT_A_TIME = 20_000
_LIVE = """
SELECT p.id, s.terms, p.category_id, p.type, p.workplace, p.experience, p.company_id, p.salary_currency,
       p.salary_year_max, p.published_at
FROM postings p JOIN posting_search s ON s.posting_id = p.id LEFT JOIN companies c ON c.id = p.company_id
WHERE p.id > :after AND p.id <= :after + :some AND p.status = 'published' AND p.frozen_at IS NULL
  AND c.suspended_at IS NULL AND p.published_at <= :now AND p.expires_at > :now
"""
_SEVERAL = {
    "place": "SELECT posting_id, place_id FROM posting_places WHERE posting_id > :after"
    " AND posting_id <= :after + :some",
    "country": "SELECT posting_id, country FROM posting_countries WHERE posting_id > :after"
    " AND posting_id <= :after + :some",
}


def number(word: str) -> int:
    """A small word (a country, a currency, a kind of work) as a number, the same everywhere."""
    return int.from_bytes(word.encode()[:7])


def documents(url: str) -> Iterator[Filed]:
    """What is live at the bench's instant, out of the product's SQLite database, whose tokens are plain text."""
    engine = create_engine(url)
    with engine.connect() as wire:
        last = wire.execute(text("SELECT max(id) FROM postings")).scalar() or 0
        for after in range(0, last, _AT_A_TIME):
            yield from _some(wire, after)
    engine.dispose()


def _some(wire: Connection, after: int) -> Iterator[Filed]:
    asked: dict[str, Any] = {"after": after, "some": _AT_A_TIME}
    several: dict[str, dict[int, list[int]]] = {}
    for name, query in _SEVERAL.items():
        several[name] = defaultdict(list)
        for id_, value in wire.execute(text(query), asked):
            several[name][id_].append(value if isinstance(value, int) else number(value))
    for id_, tokens, category, *kinds, company, currency, pay, posted in wire.execute(
        text(_LIVE), asked | {"now": NOW.replace(tzinfo=None).isoformat(" ")}
    ):
        numbers = {"category": [category], "company": [company], "currency": [currency and number(currency)]}
        numbers |= {name: [value and number(value)] for name, value in
                    zip(("type", "workplace", "experience"), kinds, strict=True)}  # fmt: skip
        numbers |= {name: found.get(id_, []) for name, found in several.items()}
        plain = {name: [value for value in values if value] for name, values in numbers.items()}
        second = int(datetime.fromisoformat(f"{posted}+00:00").timestamp())
        yield Filed(id_, tokens, plain, (pay or 0) // 100, second)


class Filing:
    """Turns a listing's arguments into what the engine is asked; place ids are looked up before anything is timed."""

    def __init__(self, url: str) -> None:
        engine = create_engine(url)
        with engine.connect() as wire:
            self._places = wire.execute(text("SELECT id, kind, country, region, slug, lat, lon FROM places")).all()
            self._known: dict[str, dict[str, int]] = {
                table: dict(wire.execute(text(f"SELECT slug, id FROM {table}")).tuples().all())  # noqa: S608  ours
                for table in ("categories", "companies")
            }
        engine.dispose()

    def request(self, query: str) -> tuple[Filters, Request]:
        """The same listing for the product and for the engine."""
        filters = parse(parse_qsl(query), "USD").filters
        for argument, table in (("category", "categories"), ("company", "companies")):
            filters = filters.among(argument, self._known[table])
        chosen = {
            "category": [self._known["categories"][slug] for slug in filters.category],
            "company": [self._known["companies"][slug] for slug in filters.company],
            **{name: [number(value) for value in filters.values(name)] for name in ("type", "workplace", "experience")},
            "country": [number(code) for code in (*filters.country, "001")] if filters.country else [],
            "place": self._around(filters) if filters.place else [],
            "currency": [number(filters.currency)] if filters.currency else [],
        }
        asked, days = filters.query, filters.posted_within
        return filters, Request(
            clauses=[[_tokens(term) for term in clause] for clause in asked.clauses],
            excluded=[_tokens(term) for term in asked.excluded],
            chosen={name: numbers for name, numbers in chosen.items() if numbers},
            least_pay=filters.salary_min or 0,
            since=int((NOW - timedelta(days=days)).timestamp()) if days else 0,
            steps=list(steps(filters.currency or "USD")),
            ages=[int((NOW - timedelta(days=age)).timestamp()) for age in AGES],
        )

    def _around(self, filters: Filters) -> list[int]:
        place = by_slug(filters.place or "")
        if place is None or place.lat is None or place.lon is None:
            return [0]
        if place.kind == "region":
            return [row.id for row in self._places if (row.country, row.region) == (place.country, place.region)] or [0]
        lat, lon, radius = place.lat, place.lon, filters.radius_km
        return [
            row.id for row in self._places
            if row.kind == "city" and distance_km(lat, lon, row.lat, row.lon) <= radius
        ] or [0]  # fmt: skip


def _tokens(term: Term) -> list[str]:
    return [f"{term.start}*"] if isinstance(term, Prefix) else list(term.tokens)
