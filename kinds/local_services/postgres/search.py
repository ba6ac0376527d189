"""Searching listings and providers: what is asked for becomes the conditions of one statement.

A condition that is not asked for is not in it, so an index serves those that are. First the rows that fit are found,
with what sorts them; what is told of each is read for one page only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from adapters.postgres.listings import Listing, SortColumn
from kinds.local_services.domain.places import Point
from kinds.local_services.domain.slots import STEP
from kinds.local_services.postgres.free_time import free_providers

SHOWN = "l.deleted_at IS NULL AND l.is_active"
REACHABLE = "u.deleted_at IS NULL AND p.blocked_at IS NULL"
_LAST = "9223372036854775807"
_RADIANS = "radians(CAST(:lat AS float8) - l.lat) / 2", "radians(CAST(:lng AS float8) - l.lng) / 2"
DISTANCE = f"""CASE WHEN l.lat IS NOT NULL THEN 2 * 6371.0088 * asin(least(1, sqrt(power(sin({_RADIANS[0]}), 2)
    + cos(radians(l.lat)) * cos(radians(CAST(:lat AS float8))) * power(sin({_RADIANS[1]}), 2)))) END"""
"""Kilometres between a listing and the point that is asked for; NULL for one that is done anywhere."""
DISTANCE_SHOWN = "round(part.distance_km::numeric, 3)"
"""The same of a row ``part`` that was found, as clients see it."""
_AT = "point(CAST(:lng AS float8) + {0}, CAST(:lat AS float8))"
_AROUND = "l.around @> box(" + _AT + ", " + _AT + ")"
_FAR_EAST_OR_WEST = 135
"""Degrees from which on an area may reach over the date line."""
_CATEGORY = "SELECT c.id FROM categories AS c WHERE {}"
_BY_ID, _BY_NAME = (
    _CATEGORY.format(each) for each in ("c.id = CAST(:category AS int)", "lower(c.name) = lower(:category)")
)
_AS_RANGE = "int4range(c.id, c.id, '[]')"
_BY = {"category_id": _BY_ID, "category_name": _BY_NAME}
_OF_LISTINGS = {
    "words": "l.words @@ plainto_tsquery('english', :words)",
    "category_id": f"l.category_id = ({_BY_ID})",
    "category_name": f"l.category_id = ({_BY_NAME})",
    "provider_id": "l.provider_id = :provider_id",
    "label": "lower(l.area_label) = lower(:label)",
    "min_price": "l.base_price >= CAST(:min_price AS bigint)",
    "max_price": "l.base_price <= CAST(:max_price AS bigint)",
    "pricing_unit": "l.pricing_unit = :pricing_unit",
}
_OF_PROVIDERS = {
    "rating": "p.rating_avg >= CAST(:rating AS numeric)",
    "skill": "EXISTS (SELECT FROM user_skills AS s WHERE s.user_id = u.id AND s.skill_tag = :skill)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeTime:
    """When a provider has to be free: from a moment on, or from some start of a date of their calendar on."""

    at: datetime | date
    duration: timedelta
    now: datetime
    notice: timedelta
    step: timedelta = STEP

    def given(self) -> dict[str, Any]:
        """The parameters of ``free_providers``."""
        moment = self.at if isinstance(self.at, datetime) else None
        return {
            "at": moment,
            "day": None if moment else self.at,
            "duration": self.duration,
            "more_days": 1 + (self.duration > timedelta(hours=22)),
            "now": self.now,
            "notice": self.notice,
            "step": self.step,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What listings are narrowed to; None leaves them as they are. Prices in paise, ``within_km`` of the point.

    ``shown`` False: the inactive ones, of whoever, for those who may see them.
    """

    words: str | None = None
    category: str | None = None
    provider_id: str | None = None
    point: Point | None = None
    within_km: float | None = None
    label: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    pricing_unit: str | None = None
    rating: float | None = None
    skill: str | None = None
    free: FreeTime | None = None
    shown: bool = True

    def of_inactive(self, provider: str | None) -> "Search":
        """The same among those that take no requests, of one provider or of all."""
        if provider is not None and self.provider_id not in (None, provider):
            return replace(self, shown=False, provider_id="")
        return replace(self, shown=False, provider_id=provider or self.provider_id)

    def given(self) -> dict[str, Any]:
        """The parameters of the statement, by name: the names say which conditions it has."""
        plain = ("words", "provider_id", "label", "min_price", "max_price", "pricing_unit", "rating", "skill")
        found = {name: getattr(self, name) for name in plain if getattr(self, name) is not None}
        if self.category is not None:
            by_id = self.category.isascii() and self.category.isdigit() and int(self.category) < 2**31
            found["category_id" if by_id else "category_name"] = int(self.category) if by_id else self.category
        if self.point is not None:
            found |= {"lat": self.point.lat, "lng": self.point.lng}
            if abs(self.point.lng) > _FAR_EAST_OR_WEST:
                found["turn"] = -360 if self.point.lng > 0 else 360
            if self.within_km is not None:
                found["within_km"] = self.within_km
        return found

    def parameters(self) -> dict[str, Any]:
        """The same as the statement names them, with those of the free time."""
        found = self.given()
        for name in ("category_id", "category_name"):
            if name in found:
                found["category"] = found.pop(name)
        return found | (self.free.given() if self.free else {})


def listings(search: Search, sort: str) -> Listing:
    """The listings that fit, in that order: ``id``, ``provider_id`` and ``distance_km`` of each."""
    return _listings(tuple(sorted(search.given())), sort, search.free is not None, search.shown)


_ORDERS: Mapping[str, tuple[tuple[SortColumn, str], ...]] = {
    "-created_at": ((SortColumn("place_created", "timestamptz", descending=True), "l.created_at"),),
    "price": ((SortColumn("place_price"), f"coalesce(l.base_price, {_LAST})"),),
    "-price": ((SortColumn("place_price", descending=True), "coalesce(l.base_price, -1)"),),
    "rating": (
        (SortColumn("place_rating", descending=True), "coalesce(p.rating_avg * 100, -1)::bigint"),
        (SortColumn("place_count", descending=True), "coalesce(p.rating_count, 0)::bigint"),
    ),
    "distance": ((SortColumn("place_metres"), f"coalesce((1000 * {DISTANCE})::bigint, {_LAST})"),),
}
LISTING_SORTS = tuple(_ORDERS)


@lru_cache(500)
def _listings(given: tuple[str, ...], sort: str, free: bool, shown: bool) -> Listing:
    order = _ORDERS[sort]
    placed = ", ".join(f"{value} AS {column.name}" for column, value in order)
    far = "lat" in given
    columns = f"l.id, l.provider_id, {DISTANCE if far else 'NULL::float8'} AS distance_km"
    own, theirs = of_listings(given, shown=shown), of_providers(given)
    if far or free:
        candidates = f"SELECT {columns}, l.base_price, l.created_at FROM listings AS l WHERE {own}"  # noqa: S608 - ours
        rated = "JOIN profiles AS p ON p.user_id = l.provider_id" if sort == "rating" else ""
        rows = f"""
            SELECT l.id, l.provider_id, l.distance_km, {placed.replace(DISTANCE, "l.distance_km")}
            FROM ({among(candidates, theirs, free=free)}) AS l {rated}
        """  # noqa: S608 - constants of ours
    else:
        rows = f"""
            SELECT {columns}, {placed} FROM listings AS l JOIN {PEOPLE} ON u.id = l.provider_id WHERE {own} AND {theirs}
        """  # noqa: S608 - constants of ours
    return Listing(rows, (*(column for column, _ in order), SortColumn("id", descending=True)), sums=far or free)


PEOPLE = "(users AS u JOIN profiles AS p ON p.user_id = u.id)"
"""Whoever has listings has a profile."""


def of_listings(given: tuple[str, ...], *, shown: bool = True) -> str:
    """The conditions over ``l``, rows of listings, for what is asked for."""
    found = [SHOWN if shown else "l.deleted_at IS NULL AND NOT l.is_active"]
    found += [_OF_LISTINGS[name] for name in given if name in _OF_LISTINGS]
    if "lat" in given:
        places = [_AROUND.format(0), *([_AROUND.format("CAST(:turn AS int)")] if "turn" in given else [])]
        near = f"({' OR '.join(places)}) AND {DISTANCE} <= l.radius_km"
        category = next((_BY[name] for name in ("category_id", "category_name") if name in given), None)
        if category:
            near = f"l.category = ({category.replace('c.id', _AS_RANGE, 1)}) AND {near}"
        more = f"{near} AND {DISTANCE} <= CAST(:within_km AS float8)"
        found.append(more if "within_km" in given else f"(l.lat IS NULL OR {near})")
    return " AND ".join(found)


def of_providers(given: tuple[str, ...]) -> str:
    """The conditions over ``u`` and ``p``, the rows of a provider."""
    return " AND ".join([REACHABLE, *(_OF_PROVIDERS[name] for name in given if name in _OF_PROVIDERS)])


def among(rows: str, theirs: str, *, free: bool = False) -> str:
    """Those of the rows whose ``provider_id`` is a provider with these conditions, and free then.

    Step by step: the planner expects one row of a place, where there are thousands, and would ask for each of them what
    is asked once of a provider. Of ``string_to_table`` it expects a thousand rows, which is nearer; ``IS TRUE`` has it
    make a table of the providers that are left, and look them up.
    """
    steps = f"""
        found AS MATERIALIZED ({rows}),
        providers AS MATERIALIZED (
            SELECT u.id AS provider_id
            FROM string_to_table((SELECT string_agg(one.provider_id, ',') FROM
                (SELECT DISTINCT provider_id FROM found) AS one), ',') AS someone(id)
            JOIN {PEOPLE} ON u.id = someone.id WHERE {theirs}
        )"""  # noqa: S608 - constants of ours
    if free:
        steps += f", free AS MATERIALIZED ({free_providers('providers')})"
    left = "free" if free else "providers"
    return f"""
        WITH {steps}
        SELECT found.* FROM found WHERE (found.provider_id IN (SELECT provider_id FROM {left})) IS TRUE
    """  # noqa: S608 - constants of ours
