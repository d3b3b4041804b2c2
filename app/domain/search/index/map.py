"""The places that postings name, and what lies near what."""

from collections.abc import Iterable

import numpy as np
from sqlalchemy import select
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

    def learn(self, session: Session) -> bool:
        """Read the places that are not here yet; whether there were some."""
        columns = (Place.id, Place.slug, Place.kind, Place.city, Place.region, Place.country, Place.lat, Place.lon)
        rows = session.execute(select(*columns).where(Place.id >= len(self._slugs)).order_by(Place.id)).all()
        points = []
        for id_, slug, kind, city, region, country, lat, lon in rows:
            missing = id_ - len(self._slugs)
            self._slugs += [""] * missing + [slug]
            self._cities += [None] * missing
            self._cities.append(City(slug, city or "", country) if kind is PlaceKind.CITY else None)
            self._regions += [("", None)] * missing + [(country, region)]
            points += [(np.nan, np.nan)] * missing
            known = kind is PlaceKind.CITY and lat is not None and lon is not None
            points.append((lat or 0.0, lon or 0.0) if known else (np.nan, np.nan))
        if rows:
            lats, lons = np.array(points, float).T
            self._lats, self._lons = np.append(self._lats, lats), np.append(self._lons, lons)
        return bool(rows)

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
