"""Distances on the earth."""

import math

_EARTH_KM = 6371.0
"""Mean radius."""
_DEGREE_KM = 111.19
"""Of latitude, a shade short: a band of latitude taken with it is never too narrow."""


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance between two points in degrees, by the haversine formula."""
    south, north = math.radians(lat1), math.radians(lat2)
    turn = math.radians(lon2 - lon1)
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def band(lat: float, radius_km: int) -> tuple[float, float]:
    """The latitudes between which everything within the radius lies."""
    return lat - radius_km / _DEGREE_KM, lat + radius_km / _DEGREE_KM
