"""Where a posting is and what it pays, with every column derived from them. Nothing else writes these columns."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.money import Period, yearly
from app.domain.postings import gazetteer
from app.domain.postings.models import Place, PlaceKind, Posting, PostingCountry, PostingPlace
from app.domain.postings.words import country_name

_NAMED_IN_LABEL = 3


def set_pay(posting: Posting, low: int | None, high: int | None, currency: str | None, period: Period | None) -> None:
    """Pay in minor units and its yearly bounds; without `high` the pay is not stated.

    Raises ValueError where the yearly equivalent would be beyond 64 bit.
    """
    if high is None or currency is None or period is None:
        low = high = currency = period = None
    posting.salary_min, posting.salary_max = low, high
    posting.salary_currency, posting.salary_period = currency, period
    posting.salary_year_min = yearly(low, period) if low is not None and period else None
    posting.salary_year_max = yearly(high, period) if high is not None and period else None


def set_places(
    session: Session, posting: Posting, places: Sequence[gazetteer.Place], eligible: Iterable[str], label: str = ""
) -> None:
    """Places of a posting and, for remote work, the countries it accepts (alpha-2 or `WORLDWIDE`).

    `label` is what the source wrote, shown where no place was found.
    """
    accepted = set(eligible)
    rows = place_rows(session, places)
    keep = {row.place_id: row for row in posting.places}
    posting.places[:] = [keep.get(row.id) or PostingPlace(place_id=row.id, place=row) for row in rows]
    for position, place in enumerate(posting.places):
        place.position = position
    _set_countries(posting, {place.country for place in places}, accepted)
    posting.place_label = place_label(places, accepted) or label[:200]


def _set_countries(posting: Posting, of_places: set[str], accepted: set[str]) -> None:
    keep = {row.country: row for row in posting.countries}
    posting.countries[:] = [keep.get(code) or PostingCountry(country=code) for code in sorted(of_places | accepted)]
    for row in posting.countries:
        row.eligible = row.country in accepted


def place_rows(session: Session, places: Sequence[gazetteer.Place]) -> list[Place]:
    """A row for each place, in their order, each once; made where nobody named it before."""
    slugs = list(dict.fromkeys(place.slug for place in places))
    known = _known(session, slugs)
    unknown = {place.slug: place for place in places if place.slug not in known}
    if unknown:
        facts = [
            {"slug": p.slug, "kind": PlaceKind(p.kind), "city": p.city, "region": p.region, "country": p.country,
             "lat": p.lat, "lon": p.lon}
            for p in unknown.values()
        ]
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Place).values(facts).on_conflict_do_nothing(index_elements=["slug"]))
        known |= _known(session, list(unknown))
    return [known[slug] for slug in slugs]


def _known(session: Session, slugs: list[str]) -> dict[str, Place]:
    if not slugs:
        return {}
    return {row.slug: row for row in session.scalars(select(Place).where(Place.slug.in_(slugs)))}


def place_label(places: Sequence[gazetteer.Place], accepted: set[str]) -> str:
    if places:
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        return f"{gazetteer.label(places[0])[:180]}{more}"
    names = sorted(country_name(code) for code in accepted)
    more = f" and {len(names) - _NAMED_IN_LABEL} more" if len(names) > _NAMED_IN_LABEL else ""
    return ", ".join(names[:_NAMED_IN_LABEL]) + more
