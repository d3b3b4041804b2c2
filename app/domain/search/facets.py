"""Exact counts beside every option, by SQL: one pass over the postings, then small groups.

A posting is kept when it fails at most one filter, and remembers which (`failed`, a bit an argument). The options
of an argument are counted over those that fail nothing, or only that argument's own filter.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from babel.numbers import format_currency
from sqlalchemy import (
    CTE,
    ColumnElement,
    Row,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.core.money import to_minor
from app.domain.companies.models import Company
from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import (
    WORLDWIDE,
    Category,
    Place,
    PlaceKind,
    Posting,
    PostingCountry,
    PostingPlace,
)
from app.domain.search import conditions
from app.domain.search.answers import Facet, Facets, Option
from app.domain.search.filters import Filters, country_name, label_of
from app.domain.search.pay import steps

AGES = (1, 3, 7, 14, 30)
"""Days a seeker may choose for `posted_within`."""
MOST, MOST_EXPANDED = 10, 200
"""Options of companies, cities and countries: as a rule, and where the long tail was asked for."""
_SMALL = ("category", "type", "workplace", "experience")
_COUNTED = (*_SMALL, "country", "company", "place", "salary_min", "posted_within")
_BIT = {argument: 1 << place for place, argument in enumerate(_COUNTED)}


def count(session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None) -> Facets:
    """Total and facets in one statement, and one more for the cities' surroundings."""
    return _Count(session, filters, now, filters.currency or currency, expanded).answer()


class _Count:
    """One listing's counting; `rows` holds what the statement answered, by kind of group."""

    def __init__(
        self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None
    ) -> None:
        self.session, self.filters, self.now, self.currency = session, filters, now, currency
        self.expanded = expanded
        self.steps = sorted({*steps(currency), *([filters.salary_min] if filters.salary_min else [])})
        self.ages = sorted({*AGES, *([filters.posted_within] if filters.posted_within else [])})
        self.rows: dict[str, list[Row[*tuple[Any, ...]]]] = {}

    def answer(self) -> Facets:
        asked = conditions.of(self.session, self.filters, self.now)
        for row in self.session.execute(self._statement(asked)):
            self.rows.setdefault(row[0], []).append(row)
        small = [(row, int(row.failed), int(row.n)) for row in self.rows.get("small", [])]
        self.total = sum(n for _, failed, n in small if not failed)
        facets = [
            *(self._small(argument, small) for argument in _SMALL),
            self._country(), self._company(), self._place(), self._salary(), self._age(),
        ]  # fmt: skip
        stated = Counter({row.a: int(row.n) for row in self.rows.get("currency", [])})
        currencies = tuple(code for code, _ in sorted(stated.items(), key=lambda pair: (-pair[1], pair[0])))
        return Facets(self.total, {facet.argument: facet for facet in facets}, self.currency, currencies)

    def _statement(self, asked: conditions.Conditions) -> Select[*tuple[Any, ...]]:
        kept = self._kept(asked)

        def counting(argument: str) -> ColumnElement[bool]:
            bit = _BIT[argument] if argument in asked.by_argument else 0
            return kept.c.failed.in_({0, bit})

        bits = {0} | {_BIT[argument] for argument in _SMALL if argument in asked.by_argument}
        small = (kept.c.category_id, kept.c.type, kept.c.workplace, kept.c.experience)
        per_company = (
            select(kept.c.company_id, func.count().label("n"))
            .where(counting("company"), kept.c.company_id.is_not(None))
            .group_by(kept.c.company_id)
            .order_by(func.count().desc(), kept.c.company_id)
            .limit(self._most("company") + 1)
            .subquery()
        )
        chosen = select(Company.id).where(Company.slug.in_(self.filters.company))
        chosen_companies = (
            select(kept.c.company_id, func.count().label("n"))
            .where(counting("company"), kept.c.company_id.in_(chosen))
            .group_by(kept.c.company_id)
            .subquery()
        )
        places = (
            select(func.aggregate_strings(cast(PostingPlace.place_id, Text), ",").label("ids"))
            .join(kept, kept.c.id == PostingPlace.posting_id)
            .where(counting("place"))
            .group_by(PostingPlace.posting_id)
            .subquery()
        )
        arms = [
            _arm("small", *small, failed=kept.c.failed)
            .where(kept.c.failed.in_(bits))
            .group_by(*small, kept.c.failed),
            _arm("salary", kept.c.step).where(counting("salary_min"), kept.c.step > 0).group_by(kept.c.step),
            _arm("currency", kept.c.currency)
            .where(counting("salary_min"), kept.c.currency.is_not(None))
            .group_by(kept.c.currency),
            _arm("age", kept.c.age).where(counting("posted_within"), kept.c.age > 0).group_by(kept.c.age),
            _arm("company", Company.slug, Company.name, n=per_company.c.n).join(
                per_company, per_company.c.company_id == Company.id
            ),
            _arm("chosen company", Company.slug, Company.name, n=func.coalesce(chosen_companies.c.n, 0))
            .outerjoin(chosen_companies, chosen_companies.c.company_id == Company.id)
            .where(Company.slug.in_(self.filters.company)),
            _arm("country", PostingCountry.country)
            .join(kept, kept.c.id == PostingCountry.posting_id)
            .where(counting("country"), ~kept.c.worldwide, PostingCountry.country != WORLDWIDE)
            .group_by(PostingCountry.country),
            _arm("worldwide", null()).select_from(kept).where(counting("country"), kept.c.worldwide),
            _arm("places", places.c.ids).group_by(places.c.ids),
            _arm("category", Category.id, Category.slug, Category.name, Category.position, n=literal(0)),
        ]
        return select(union_all(*arms).subquery())

    def _kept(self, asked: conditions.Conditions) -> CTE:
        failed: ColumnElement[int] = literal(0)
        for argument, condition in asked.by_argument.items():
            failed = failed + case((condition, 0), else_=_BIT[argument])
        worldwide = select(PostingCountry.posting_id).where(PostingCountry.country == WORLDWIDE)
        judged = (
            select(
                Posting.id, Posting.category_id, Posting.type, Posting.workplace, Posting.experience,
                Posting.company_id, Posting.salary_currency.label("currency"), self._step().label("step"),
                self._age_bucket().label("age"), Posting.id.in_(worldwide).label("worldwide"),
                failed.label("failed"),
            )
            .where(*asked.always)
            .subquery()
        )  # fmt: skip
        bits = {0} | {_BIT[argument] for argument in asked.by_argument}
        kept = select(judged).where(judged.c.failed.in_(bits)) if asked.by_argument else select(judged)
        return kept.cte("kept").prefix_with("MATERIALIZED", dialect="postgresql")

    def _step(self) -> ColumnElement[int]:
        """How many of the currency's steps a posting's pay reaches."""
        reached = [
            (Posting.salary_year_max >= to_minor(step, self.currency), number)
            for number, step in reversed(list(enumerate(self.steps, 1)))
        ]
        return case((Posting.salary_currency == self.currency, case(*reached, else_=0)), else_=0)

    def _age_bucket(self) -> ColumnElement[int]:
        """1 for the widest span a posting lies in, higher for narrower ones."""
        spans = list(enumerate(reversed(self.ages), 1))
        within = [(Posting.published_at >= self.now - timedelta(days=days), number) for number, days in spans]
        return case(*reversed(within), else_=0)

    def _most(self, argument: str) -> int:
        return MOST_EXPANDED if self.expanded == argument else MOST

    def _options(self, argument: str, found: Iterable[tuple[str, str, int]]) -> tuple[Option, ...]:
        chosen = self.filters.values(argument)
        return tuple(Option(value, label, n, value in chosen) for value, label, n in found)

    def _top(self, argument: str, found: list[tuple[str, str, int]]) -> Facet:
        """The commonest options and every chosen one, commonest first."""
        chosen = self.filters.values(argument)
        ranked = sorted(found, key=lambda option: (-option[2], option[1]))
        most = self._most(argument)
        kept = [option for place, option in enumerate(ranked) if place < most or option[0] in chosen]
        return Facet(argument, self._options(argument, kept), more=len(ranked) > len(kept))

    def _small(self, argument: str, small: list[tuple[Any, int, int]]) -> Facet:
        place = 1 + _SMALL.index(argument)
        counts: Counter[str | None] = Counter()
        for row, failed, n in small:
            if failed in (0, _BIT[argument]):
                counts[row[place]] += n
        if argument == "category":
            rows = sorted(self.rows.get("category", []), key=lambda row: (int(row.d), int(row.a)))
            found = [(row.b, row.c, counts[row.a]) for row in rows]
        else:
            found = [(value, label, counts[value]) for value, label in label_of(argument).items()]
        return Facet(argument, self._options(argument, found))

    def _country(self) -> Facet:
        everywhere = sum(int(row.n) for row in self.rows["worldwide"])
        counts = Counter({row.a: int(row.n) for row in self.rows.get("country", [])})
        codes = {*counts, *self.filters.country}
        return self._top("country", [(code, country_name(code), counts[code] + everywhere) for code in codes])

    def _company(self) -> Facet:
        rows = [*self.rows.get("chosen company", []), *self.rows.get("company", [])]
        return self._top("company", list({row.a: (row.a, row.b, int(row.n)) for row in rows}.values()))

    def _salary(self) -> Facet:
        counts = {int(row.a): int(row.n) for row in self.rows.get("salary", [])}
        found = [
            (
                str(step),
                _round_amount(step, self.currency),
                sum(n for reached, n in counts.items() if reached >= number),
            )
            for number, step in enumerate(self.steps, 1)
        ]
        return Facet("salary_min", self._options("salary_min", found))

    def _age(self) -> Facet:
        counts = {int(row.a): int(row.n) for row in self.rows.get("age", [])}
        found = [
            (
                str(days),
                f"{days} days" if days > 1 else "24 hours",
                sum(n for age, n in counts.items() if age >= number),
            )
            for number, days in enumerate(reversed(self.ages), 1)
        ]
        return Facet("posted_within", self._options("posted_within", reversed(found)))

    def _place(self) -> Facet:
        """Cities most named, each counted with its surroundings, as choosing it would."""
        sets = [(frozenset(map(int, row.a.split(","))), int(row.n)) for row in self.rows.get("places", [])]
        named: Counter[int] = Counter()
        for ids, n in sets:
            for id_ in ids:
                named[id_] += n
        most = self._most("place")
        common = sorted(named, key=lambda id_: (-named[id_], id_))[: most * 2]
        found = [
            (slug, label, sum(n for ids, n in sets if not ids.isdisjoint(near)))
            for slug, label, near in self._surroundings(common)[:most]
            if slug != self.filters.place
        ]
        facet = self._top("place", found)
        chosen = by_slug(self.filters.place) if self.filters.place else None
        if chosen is None:
            return Facet("place", facet.options, more=len(named) > most)
        label = ", ".join(filter(None, (chosen.city or chosen.region, country_name(chosen.country))))
        own = Option(chosen.slug, label, self.total, chosen=True)
        return Facet("place", (own, *facet.options), more=len(named) > most)

    def _surroundings(self, ids: list[int]) -> list[tuple[str, str, set[int]]]:
        """For each of these places that is a city: slug, label, and ids of the cities within the radius."""
        centre, other = aliased(Place), aliased(Place)
        south, north = conditions.band(centre.lat, self.filters.radius_km)  # type: ignore[arg-type]
        rows: Iterable[Any] = self.session.execute(
            select(
                centre.id,
                centre.slug,
                centre.city,
                centre.country,
                centre.lat,
                centre.lon,
                other.id,
                other.lat,
                other.lon,
            )
            .join(other, other.lat.between(south, north))
            .where(centre.id.in_(ids), centre.kind == PlaceKind.CITY, other.kind == PlaceKind.CITY)
        )
        found: dict[int, tuple[str, str, set[int]]] = {}
        for id_, slug, city, country, lat, lon, near_id, near_lat, near_lon in rows:
            _, _, near = found.setdefault(id_, (slug, f"{city}, {country_name(country)}", set()))
            if conditions.distance_km(lat, lon, near_lat, near_lon) <= self.filters.radius_km:
                near.add(near_id)
        return [found[id_] for id_ in ids if id_ in found]


def _arm(kind: str, *values: Any, failed: Any = None, n: Any = None) -> Select[*tuple[Any, ...]]:
    """One group of the statement, brought to the columns all groups share."""
    padded = [cast(value, Text) for value in values] + [cast(null(), Text)] * (4 - len(values))
    columns: tuple[Any, ...] = (
        literal(kind).label("kind"),
        *(value.label(name) for value, name in zip(padded, "abcd", strict=True)),
        (literal(0) if failed is None else failed).label("failed"),
        (func.count() if n is None else n).label("n"),
    )
    return select(*columns)


def _round_amount(amount: int, currency: str) -> str:
    return format_currency(amount, currency, "¤#,##0", locale="en", currency_digits=False)
