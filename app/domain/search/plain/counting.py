"""Exact counts beside every option, by SQL: one pass over the postings, then small groups.

A posting is kept when it fails at most one filter, and remembers which (`failed`, a bit an argument). The options
of an argument are counted over those that fail nothing, or only that argument's own filter.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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

from app.domain.companies.models import Company
from app.domain.postings.models import (
    WORLDWIDE,
    Category,
    Place,
    PlaceKind,
    Posting,
    PostingCountry,
    PostingPlace,
)
from app.domain.search.distance import band, distance_km
from app.domain.search.facets import City, Named, Sheet
from app.domain.search.plain import conditions

_SMALL = ("category", "type", "workplace", "experience")
_COUNTED = (*_SMALL, "country", "company", "place", "salary_min", "posted_within")
_BIT = {argument: 1 << place for place, argument in enumerate(_COUNTED)}


class PlainCounts:
    """What one listing counts, asked in one statement, and in one more for the cities' surroundings."""

    def __init__(self, session: Session, sheet: Sheet, now: datetime) -> None:
        self._session, self._sheet, self._now = session, sheet, now
        self._filters, self._currency = sheet.filters, sheet.currency
        self._rows: dict[str, list[Row[*tuple[Any, ...]]]] = {}
        for row in session.execute(self._statement(conditions.of(session, sheet.filters, now))):
            self._rows.setdefault(row[0], []).append(row)
        self._small = [(row, int(row.failed), int(row.n)) for row in self._rows.get("small", [])]
        self._sets = [(frozenset(map(int, row.a.split(","))), int(row.n)) for row in self._rows.get("places", [])]
        self.total = sum(n for _, failed, n in self._small if not failed)

    def categories(self) -> list[tuple[Named, int]]:
        counts = self._values("category")
        rows = sorted(self._rows.get("category", []), key=lambda row: (int(row.d), int(row.a)))
        return [(Named(int(row.a), row.b, row.c), counts[row.a]) for row in rows]

    def chosen_companies(self) -> list[tuple[Named, int]]:
        return self._named("chosen company")

    def values(self, argument: str) -> Mapping[str, int]:
        return self._values(argument)

    def _values(self, argument: str) -> Counter[str]:
        place = 1 + _SMALL.index(argument)
        counts: Counter[str] = Counter()
        for row, failed, n in self._small:
            if failed in (0, _BIT[argument]):
                counts[row[place]] += n
        return counts

    def countries(self) -> tuple[Mapping[str, int], int]:
        counts = {row.a: int(row.n) for row in self._rows.get("country", [])}
        return counts, sum(int(row.n) for row in self._rows["worldwide"])

    def companies(self, most: int) -> Sequence[tuple[Named, int]]:
        return self._named("company")[:most]

    def _named(self, kind: str) -> list[tuple[Named, int]]:
        found = [(Named(int(row.c), row.a, row.b), int(row.n)) for row in self._rows.get(kind, [])]
        return sorted(found, key=lambda pair: (-pair[1], pair[0].id))

    def places(self, most: int) -> tuple[Sequence[int], int]:
        named: Counter[int] = Counter()
        for ids, n in self._sets:
            for id_ in ids:
                named[id_] += n
        return sorted(named, key=lambda id_: (-named[id_], id_))[:most], len(named)

    def around(self, place_ids: Sequence[int]) -> list[tuple[City, int]]:
        return [
            (city, sum(n for ids, n in self._sets if not ids.isdisjoint(near)))
            for city, near in self._surroundings(place_ids)
        ]

    def paying(self) -> list[int]:
        return self._at_least("salary", len(self._sheet.steps.amounts))

    def currencies(self) -> Mapping[str, int]:
        return {row.a: int(row.n) for row in self._rows.get("currency", [])}

    def younger(self) -> list[int]:
        return self._at_least("age", len(self._sheet.ages))[::-1]

    def _at_least(self, kind: str, highest: int) -> list[int]:
        counts = {int(row.a): int(row.n) for row in self._rows.get(kind, [])}
        return [sum(n for reached, n in counts.items() if reached >= number) for number in range(1, highest + 1)]

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
            .limit(self._sheet.most("company") + 1)
            .subquery()
        )
        chosen = select(Company.id).where(Company.slug.in_(self._filters.company))
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
            _arm("company", Company.slug, Company.name, Company.id, n=per_company.c.n).join(
                per_company, per_company.c.company_id == Company.id
            ),
            _arm("chosen company", Company.slug, Company.name, Company.id, n=func.coalesce(chosen_companies.c.n, 0))
            .outerjoin(chosen_companies, chosen_companies.c.company_id == Company.id)
            .where(Company.slug.in_(self._filters.company)),
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
            (Posting.salary_year_max >= least, number)
            for number, least in reversed(list(enumerate(self._sheet.steps.minor, 1)))
        ]
        return case((Posting.salary_currency == self._currency, case(*reached, else_=0)), else_=0)

    def _age_bucket(self) -> ColumnElement[int]:
        """1 for the widest span a posting lies in, higher for narrower ones."""
        spans = list(enumerate(reversed(self._sheet.ages), 1))
        within = [(Posting.published_at >= self._now - timedelta(days=days), number) for number, days in spans]
        return case(*reversed(within), else_=0)

    def _surroundings(self, ids: Sequence[int]) -> list[tuple[City, set[int]]]:
        """Those of these places that are cities, each with the ids of the cities within the radius."""
        centre, other = aliased(Place), aliased(Place)
        south, north = band(centre.lat, self._filters.radius_km)  # type: ignore[arg-type]
        points = (centre.lat, centre.lon, other.lat, other.lon)
        rows: Iterable[Any] = self._session.execute(
            select(centre.id, centre.slug, centre.city, centre.country, other.id, *points)
            .join(other, other.lat.between(south, north))
            .where(centre.id.in_(ids), centre.kind == PlaceKind.CITY, other.kind == PlaceKind.CITY)
        )
        found: dict[int, tuple[City, set[int]]] = {}
        for id_, slug, city, country, near_id, *ends in rows:
            _, near = found.setdefault(id_, (City(slug, city, country), set()))
            if distance_km(*ends) <= self._filters.radius_km:
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
