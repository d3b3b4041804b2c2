"""A few hundred made-up postings, and a slow, plain Python that knows what every listing of them must answer."""

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core.money import Period
from app.domain.companies.models import Company
from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import (
    WORLDWIDE,
    Category,
    EmploymentType,
    Experience,
    Place,
    PlaceKind,
    Posting,
    PostingCountry,
    PostingPlace,
    PostingStatus,
    Workplace,
)
from app.domain.search import services
from app.domain.search.filters import Filters
from app.domain.search.grammar import Prefix, Query, Term
from app.domain.search.text import fold, pieces
from tests.factories import instant

NOW = instant(2026, 11, 23, 12)
WORDS = """
engineer engineers engineering nurse nursing night shift front-end frontend back-end data manager management
managing C++ C# .NET node.js vue.js café Café łódź Łódź Straße naïve résumé programista krankenpfleger ingénieur
d'ingénieur women's master's 401(k) 24/7 e-mail email
東京 東京都 開発者 京 개발자 हिन्दी العربية العَرَبِيَّة مهندس Việt Đà Nẵng
работа ёлка the of and intern international hospital hospitality sale sales x1y2 Pty. O'Neill
""".split()  # noqa: SIM905  a list in quotes would hide the words
QUERIES = [
    "engineer", "nurse", "nursing night", '"night shift"', '"shift night"', "front-end", "frontend", '"front end"',
    "manag*", "engin* -intern", "-nurse", '-"night shift"', "c++", "c#", ".net", "node.js", "vue", "cafe", "CAFÉ",
    "lodz OR strasse", "resume", "東京", "京都", "京", "개발", "हिन्दी", "العربية", "viet", "da nang", "работа", "елка",
    "the of", "women", "email", "e-mail", "401k", "24/7", "hospitality", "sale", "international OR intern* c++",
    '"data manager" OR "data engineer"', "o'neill", "oneill", "ingenieur", "master -nurse -night", "acme", "berlin",
    "engineer engineer", "inter*", "fro*", "nothinglikethis", '"café 東京"', "x1y2 -the",
]  # fmt: skip
CITIES = ["berlin-de", "potsdam-de", "hamburg-de", "paris-fr", "versailles-fr", "london-gb", "warsaw-pl", "chicago-us"]


@dataclass
class Fact:
    """One posting, as the oracle knows it."""

    id: int
    title: str
    body: str
    company: int | None
    category: int | None
    type: EmploymentType | None
    workplace: Workplace
    experience: Experience | None
    pay: tuple[int, str] | None
    published_at: datetime
    expires_at: datetime
    status: PostingStatus
    frozen: bool
    cities: list[str]
    countries: set[str]
    lines: list[list[Any]] = field(default_factory=list)


class Market:
    """The postings of one seed. Companies are numbered; number 3 is suspended."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = random.Random(seed)
        self.companies = {number: f"Acme {number}" for number in range(1, 9)}
        self.categories = {number: f"field-{number}" for number in range(1, 6)}
        self.cities = [slug for slug in CITIES if by_slug(slug)]
        self.facts = [self._fact(number) for number in range(1, size + 1)]

    def _words(self, most: int) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, most)))

    def _fact(self, number: int) -> Fact:
        pick = self.random.choice
        published = NOW - timedelta(hours=self.random.randint(-20, 24 * 40))
        cities = self.random.sample(self.cities, pick([0, 1, 1, 1, 2]))
        countries = {by_slug(slug).country for slug in cities} | set(pick([[], [], ["FR", "DE"], [WORLDWIDE]]))
        pay = pick([None, *((pick(range(10, 250)) * 1000, code) for code in ("EUR", "USD", "PLN"))])
        return Fact(
            number, self._words(4), self._words(40), pick([None, *self.companies]), pick([None, *self.categories]),
            pick([None, *EmploymentType]), pick(list(Workplace)), pick([None, *Experience]), pay,
            published, published + timedelta(days=pick([1, 30, 60])),
            pick([PostingStatus.PUBLISHED] * 9 + [PostingStatus.CLOSED]), self.random.random() < 0.05,
            cities, countries,
        )  # fmt: skip

    def store(self, session: Session) -> None:
        """Put everything into the database and index it."""
        session.execute(insert(Category), [
            {"id": number, "slug": slug, "name": slug.title(), "position": number}
            for number, slug in self.categories.items()
        ])  # fmt: skip
        session.execute(insert(Company), [
            {"id": number, "slug": f"acme-{number}", "name": name, "name_key": name.lower(), "created_at": NOW,
             "suspended_at": NOW if number == 3 else None, "version": 1, "hue": 1}
            for number, name in self.companies.items()
        ])  # fmt: skip
        places = {slug: by_slug(slug) for slug in self.cities}
        numbers = {slug: number for number, slug in enumerate(self.cities, 1)}
        session.execute(insert(Place), [
            {"id": numbers[slug], "slug": slug, "kind": PlaceKind.CITY, "city": place.city, "region": place.region,
             "country": place.country, "lat": place.lat, "lon": place.lon}
            for slug, place in places.items()
        ])  # fmt: skip
        session.execute(insert(Posting), [self._row(fact) for fact in self.facts])
        session.execute(insert(PostingPlace), [
            {"posting_id": fact.id, "place_id": numbers[slug], "position": position}
            for fact in self.facts for position, slug in enumerate(fact.cities)
        ])  # fmt: skip
        session.execute(insert(PostingCountry), [
            {"posting_id": fact.id, "country": country, "eligible": False}
            for fact in self.facts for country in sorted(fact.countries)
        ])  # fmt: skip
        services.reindex(session, [fact.id for fact in self.facts])

    def _row(self, fact: Fact) -> dict[str, Any]:
        pay = {"salary_max": None, "salary_year_max": None, "salary_currency": None, "salary_period": None}
        if fact.pay:
            minor = fact.pay[0] * 100
            pay = {"salary_max": minor, "salary_year_max": minor, "salary_currency": fact.pay[1],
                   "salary_period": Period.YEAR}  # fmt: skip
        return {
            "id": fact.id, "title": fact.title, "slug": "job", "description_text": fact.body, "version": 1,
            "company_id": fact.company, "category_id": fact.category, "type": fact.type, "workplace": fact.workplace,
            "experience": fact.experience, "published_at": fact.published_at, "expires_at": fact.expires_at,
            "status": fact.status, "frozen_at": NOW if fact.frozen else None, "created_at": NOW, "updated_at": NOW,
            "place_label": " · ".join(by_slug(slug).city for slug in fact.cities), **pay,
        }  # fmt: skip

    # What must come out

    def listed(self, filters: Filters, but: str = "") -> list[Fact]:
        """The postings of a listing in its order; without the filter of the argument `but`."""
        found = [fact for fact in self.facts if self._live(fact) and self._fits(fact, filters, but)]
        query = filters.query

        def key(fact: Fact) -> tuple[Any, ...]:
            if filters.order == "salary":
                return (0, fact.pay and -fact.pay[0], -fact.id)
            tier = self._tier(fact, query) if filters.order == "relevance" else 0
            return (tier, -fact.published_at.timestamp(), -fact.id)

        return sorted(found, key=key)

    def _live(self, fact: Fact) -> bool:
        open_now = fact.status is PostingStatus.PUBLISHED and fact.published_at <= NOW < fact.expires_at
        return open_now and not fact.frozen and fact.company != 3

    def _fits(self, fact: Fact, filters: Filters, but: str) -> bool:
        pay, currency = fact.pay or (0, None), filters.currency
        company = f"acme-{fact.company}"
        near = filters.place and any(
            _km(slug, filters.place) <= filters.radius_km for slug in fact.cities
        )
        holds = {
            "q": _matches(self._lines(fact), filters.query),
            "sort": filters.order != "salary" or pay[1] == currency,
            "category": not filters.category or self.categories.get(fact.category or 0) in filters.category,
            "type": not filters.type or (fact.type is not None and fact.type.value in filters.type),
            "workplace": not filters.workplace or fact.workplace.value in filters.workplace,
            "experience": not filters.experience
            or (fact.experience is not None and fact.experience.value in filters.experience),
            "country": not filters.country or bool(fact.countries & {*filters.country, WORLDWIDE}),
            "place": not filters.place or bool(near),
            "salary_min": not filters.salary_min or (pay[1] == currency and pay[0] >= filters.salary_min),
            "posted_within": not filters.posted_within
            or fact.published_at >= NOW - timedelta(days=filters.posted_within),
            "company": not filters.company or company in filters.company,
        }
        return all(value for argument, value in holds.items() if argument != but)

    def _lines(self, fact: Fact) -> list[list[Any]]:
        if not fact.lines:
            place = " · ".join(by_slug(slug).city for slug in fact.cities)
            company = self.companies.get(fact.company or 0, "")
            category = self.categories.get(fact.category or 0, "").title()
            fact.lines = [list(pieces(fold(text))) for text in (fact.title, company, place, category, fact.body)]
        return fact.lines

    def _tier(self, fact: Fact, query: Query) -> int:
        title = self._lines(fact)[:1]
        clauses = [any(_stands(term, title) for term in clause) for clause in query.clauses]
        if not clauses:
            return 2
        words = [_stands(term, title) for clause in query.clauses for term in clause]
        return 0 if all(clauses) else 1 if any(words) else 2


def _matches(lines: list[list[Any]], query: Query) -> bool:
    return all(any(_stands(term, lines) for term in clause) for clause in query.clauses) and not any(
        _stands(term, lines) for term in query.excluded
    )


def _stands(term: Term, lines: list[list[Any]]) -> bool:
    return any(_stands_in(term, line) for line in lines)


def _stands_in(term: Term, line: list[Any]) -> bool:
    tokens = [token for piece in line for token in piece.tokens]
    others = {word for piece in line for word in (*piece.surfaces, piece.joined) if word}
    if isinstance(term, Prefix):
        return any(word.startswith(term.start) for word in {*tokens, *others})
    length = len(term.tokens)
    if any(tuple(tokens[at : at + length]) == term.tokens for at in range(len(tokens))):
        return True
    together = term.joined or (term.tokens[0] if length == 1 else None)
    return together in others or (term.joined is not None and term.joined in tokens)


def _km(one: str, other: str) -> float:
    """Distance by the chord through the earth: not the formula under test."""
    def point(slug: str) -> tuple[float, float, float]:
        place = by_slug(slug)
        lat, lon = math.radians(place.lat), math.radians(place.lon)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    return 2 * 6371.0 * math.asin(min(1.0, math.dist(point(one), point(other)) / 2))
