"""The places that postings name, and what lies near what."""

from collections.abc import Iterable

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import Place, PlaceKind
from app.domain.search.distance import band, distance_km
from app.domain.search.facets import City
from app.domain.search.index.reading import Array


class Map:
    """Every place by its id, which is its place in each list; grows when new ones are named."""

    def __init__(self) -> None:
        self._slugs: list[str] = [""]
        self._cities: list[City | None] = [None]
        self._regions: list[tuple[str, str | None]] = [("", None)]
        self._lats = np.full(1, np.nan)
        self._lons = np.full(1, np.nan)

    def learn(self, session: Session, named: Iterable[int] = ()) -> bool:
        """Read the places that are not here yet; whether there were some.

        Those that came last are asked for, and of those that are `named` any that is not here: a number may be given
        before that of another place, and its place be seen after that one.
        """
        here = len(self)
        missing = {id_ for id_ in named if id_ < here and not self._slugs[id_]}
        columns = (Place.id, Place.slug, Place.kind, Place.city, Place.region, Place.country, Place.lat, Place.lon)
        new = or_(Place.id >= here, Place.id.in_(missing)) if missing else Place.id >= here
        rows = session.execute(select(*columns).where(new).order_by(Place.id)).all()
        if rows:
            self._grow(max(here, rows[-1].id + 1) - here)
        for id_, slug, kind, city, region, country, lat, lon in rows:
            self._slugs[id_], self._regions[id_] = slug, (country, region)
            if kind is PlaceKind.CITY:
                self._cities[id_] = City(slug, city or "", country)
                if lat is not None and lon is not None:
                    self._lats[id_], self._lons[id_] = lat, lon
        return bool(rows)

    def _grow(self, more: int) -> None:
        self._slugs += [""] * more
        self._cities += [None] * more
        self._regions += [("", None)] * more
        self._lats, self._lons = (np.append(old, np.full(more, np.nan)) for old in (self._lats, self._lons))

    def __len__(self) -> int:
        return len(self._slugs)

    def city(self, place_id: int) -> City | None:
        """A place as an option names it, where it is a city."""
        return self._cities[place_id]

    def near(self, slug: str, radius_km: int) -> Array:
        """For each place, whether it lies in the region of this name, or within the radius of the city."""
        found = np.zeros(len(self), bool)
        place = by_slug(slug)
        if place is None or place.lat is None or place.lon is None:
            return found
        if place.kind == "region":
            found[[i for i, at in enumerate(self._regions) if at == (place.country, place.region)]] = True
            found[[i for i, other in enumerate(self._slugs) if other == slug]] = True
        else:
            found[list(self._within(place.lat, place.lon, radius_km))] = True
        return found

    def around(self, place_id: int, radius_km: int) -> Array:
        """For each place, whether it is a city within the radius of this one."""
        found = np.zeros(len(self), bool)
        found[list(self._within(float(self._lats[place_id]), float(self._lons[place_id]), radius_km))] = True
        return found

    def _within(self, lat: float, lon: float, radius_km: int) -> Iterable[int]:
        south, north = band(lat, radius_km)
        for i in np.flatnonzero((self._lats >= south) & (self._lats <= north)).tolist():
            if distance_km(lat, lon, float(self._lats[i]), float(self._lons[i])) <= radius_km:
                yield i
