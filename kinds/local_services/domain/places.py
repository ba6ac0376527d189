"""Places on the globe: WGS 84 degrees, distances as the crow flies."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088
"""The mean radius."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees: ``lat`` -90..90, ``lng`` -180..180."""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class CoverageArea:
    """Where a listing is offered: so many kilometres around a point."""

    label: str
    lat: float
    lng: float
    radius_km: float

    def covers(self, point: Point) -> bool:
        """Whether a booking there is within the radius."""
        return distance_km(Point(self.lat, self.lng), point) <= self.radius_km


def distance_km(one: Point, other: Point) -> float:
    """The length of the great circle between two points, by the haversine formula."""
    north, east = radians(other.lat - one.lat) / 2, radians(other.lng - one.lng) / 2
    part = sin(north) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(part)))


def is_on_globe(lat: float, lng: float) -> bool:
    """Whether these are degrees of a point; NaN is none."""
    return -90 <= lat <= 90 and -180 <= lng <= 180
