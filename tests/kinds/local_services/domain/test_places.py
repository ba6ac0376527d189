"""Distances on the globe, and areas around a point."""

from math import nan

import pytest

from kinds.local_services.domain.places import CoverageArea, Point, distance_km, is_on_globe

PUNE, MUMBAI = Point(18.5204, 73.8567), Point(19.0760, 72.8777)


def test_a_distance_is_the_length_of_the_great_circle():
    assert distance_km(PUNE, MUMBAI) == pytest.approx(120.2, abs=0.3)
    assert distance_km(MUMBAI, PUNE) == pytest.approx(distance_km(PUNE, MUMBAI))
    assert distance_km(Point(0, 0), Point(0, 180)) == pytest.approx(20015.1, abs=0.1)
    assert distance_km(PUNE, PUNE) == 0


def test_the_shortest_way_may_cross_the_date_line_and_the_pole():
    assert distance_km(Point(0, 179.9), Point(0, -179.9)) == pytest.approx(22.24, abs=0.01)
    assert distance_km(Point(89.9, 0), Point(89.9, 180)) == pytest.approx(22.24, abs=0.01)


def test_an_area_covers_what_is_within_its_radius():
    assert CoverageArea("Pune", PUNE.lat, PUNE.lng, 121).covers(MUMBAI)
    assert not CoverageArea("Pune", PUNE.lat, PUNE.lng, 119).covers(MUMBAI)


@pytest.mark.parametrize(
    ("lat", "lng", "fits"), [(90, 180, True), (90.1, 0, False), (0, -180.1, False), (nan, 0, False)]
)
def test_a_point_lies_on_the_globe(lat, lng, fits):
    assert is_on_globe(lat, lng) is fits
