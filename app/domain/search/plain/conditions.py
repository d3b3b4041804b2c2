"""Where a filter becomes SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    bindparam,
    case,
    cast,
    column,
    false,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY as TSQUERY_TYPE
from sqlalchemy.orm import Session

from app.core.money import to_minor
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
    Workplace,
)  # fmt: skip
from app.domain.postings.queries import live
from app.domain.search.distance import band, distance_km
from app.domain.search.filters import Filters
from app.domain.search.grammar import Query, Term
from app.domain.search.layout import FTS5, TSQUERY, Wording
from app.domain.search.models import PostingSearch

_FTS = table("posting_fts", column("rowid"), column("terms"))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a posting must fulfil: `always`, and for each argument that filters, what its filter asks."""

    always: list[ColumnElement[bool]]
    by_argument: dict[str, ColumnElement[bool]]

    def all(self) -> list[ColumnElement[bool]]:
        return [*self.always, *self.by_argument.values()]


def of(session: Session, filters: Filters, now: datetime) -> Conditions:
    """The filters as SQL. Live postings only; `sort=salary` keeps those that state pay in its currency."""
    always = [live(now), *_text(session, filters.query)]
    if filters.order == "salary":
        always.append(Posting.salary_currency == filters.currency)
    asked: dict[str, ColumnElement[bool]] = {}
    if filters.category:
        asked["category"] = Posting.category_id.in_(
            select(Category.id).where(Category.slug.in_(filters.category))
        )
    if filters.type:
        asked["type"] = Posting.type.in_(map(EmploymentType, filters.type))
    if filters.workplace:
        asked["workplace"] = Posting.workplace.in_(map(Workplace, filters.workplace))
    if filters.experience:
        asked["experience"] = Posting.experience.in_(map(Experience, filters.experience))
    if filters.country:
        countries = (*filters.country, WORLDWIDE)
        asked["country"] = Posting.id.in_(
            select(PostingCountry.posting_id).where(PostingCountry.country.in_(countries))
        )
    if filters.company:
        asked["company"] = Posting.company_id.in_(select(Company.id).where(Company.slug.in_(filters.company)))
    if filters.place:
        asked["place"] = _at(session, filters.place, filters.radius_km)
    if filters.salary_min and filters.currency:
        least = to_minor(filters.salary_min, filters.currency)
        asked["salary_min"] = (Posting.salary_currency == filters.currency) & (
            Posting.salary_year_max >= least
        )
    if filters.posted_within:
        asked["posted_within"] = Posting.published_at >= now - timedelta(days=filters.posted_within)
    return Conditions(always, asked)


def _matches(session: Session, wording: str) -> ColumnElement[bool]:
    if _wording(session) is FTS5:
        return Posting.id.in_(select(_FTS.c.rowid).where(_FTS.c.terms.bool_op("MATCH")(wording)))
    asked = cast(literal(wording), TSQUERY_TYPE)
    return Posting.id.in_(select(PostingSearch.posting_id).where(PostingSearch.terms.bool_op("@@")(asked)))


def saying(session: Session, term: Term, *, title: bool = False) -> tuple[Any, ColumnElement[bool]]:
    """Where the tokens lie: the column of posting ids, and what the text, or the title, must fulfil to have a term."""
    wording = _wording(session).any_of([term], title=title)
    if _wording(session) is FTS5:
        return _FTS.c.rowid, _FTS.c.terms.bool_op("MATCH")(wording)
    return PostingSearch.posting_id, PostingSearch.terms.bool_op("@@")(cast(literal(wording), TSQUERY_TYPE))


def _wording(session: Session) -> Wording:
    return FTS5 if session.get_bind().dialect.name == "sqlite" else TSQUERY


def _text(session: Session, query: Query) -> list[ColumnElement[bool]]:
    if query.clauses:
        return [_matches(session, _wording(session).matching(query))]
    if query.excluded:
        return [~_matches(session, _wording(session).any_of(query.excluded))]
    return []


def tier(session: Session, query: Query) -> ColumnElement[int]:
    """Relevance: 0 with every clause met in the title, 1 with any word there, else 2."""
    if not query.clauses:
        return literal(2)
    wording = _wording(session)
    terms = [term for clause in query.clauses for term in clause]
    return case(
        (_matches(session, wording.all_of(query, title=True)), 0),
        (_matches(session, wording.any_of(terms, title=True)), 1),
        else_=2,
    )


def _at(session: Session, slug: str, radius_km: int) -> ColumnElement[bool]:
    """Postings in a region, or within a distance of a city."""
    place = by_slug(slug)
    if place is None or place.lat is None or place.lon is None:
        return false()
    if place.kind == "region":
        inside = (Place.country == place.country) & (Place.region == place.region)
        ids = list(session.scalars(select(Place.id).where(or_(Place.slug == slug, inside))))
    else:
        cities: Iterable[Any] = session.execute(
            select(Place.id, Place.lat, Place.lon).where(
                Place.kind == PlaceKind.CITY, Place.lat.between(*band(place.lat, radius_km))
            )
        )
        ids = [id_ for id_, *point in cities if distance_km(place.lat, place.lon, *point) <= radius_km]
    chosen: BindParameter[int] = bindparam("near", ids, expanding=True, literal_execute=True)
    return Posting.id.in_(select(PostingPlace.posting_id).where(PostingPlace.place_id.in_(chosen)))
