"""What searches are narrowed by, as addresses say it. What is blank is not asked for: ``?category=&location=``."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from api.schemas.fields import Money
from domain.texts import composed
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.domain.parts import PricingUnit
from kinds.local_services.domain.places import Point, is_on_globe
from kinds.local_services.domain.slots import duration_of, is_duration
from kinds.local_services.postgres.search import FreeTime, Search

_SIGN = "rating>="
_NUMBER = r"[+-]?[0-9]{1,4}(?:\.[0-9]{0,20})?"
_POINT = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOST_SIGN = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")
"""Where an address had a plus, which is a blank there: ``09:00:00 05:30``."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def refused(name: str, words: str, sent: Any = None) -> RequestValidationError:
    """A parameter that is not what it should be, as the framework says it."""
    return RequestValidationError([{"type": "value_error", "loc": ("query", name), "msg": words, "input": sent}])


def _blank_is_none(sent: Any) -> Any:
    return None if isinstance(sent, str) and not sent.strip() else sent


Blank = BeforeValidator(_blank_is_none)


Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Rating = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
Words = Annotated[Short | None, Blank, Query(description="Words, all of them in it")]
CategoryWanted = Annotated[Short | None, Blank, Query(description="An id, or a name without regard to case")]
PlaceWanted = Annotated[
    Short | None, Blank, Query(description="`lat,lng` for what covers that point, else the label of an area")
]
Within = Annotated[
    Annotated[float, Field(gt=0, le=200, allow_inf_nan=False)] | None,
    Blank,
    Query(description="Kilometres between the point and the middle of the area, at most; leaves out what has none"),
]
Skill = Annotated[Short | None, Blank, Query()]
_PRICE = {
    "type": ["string", "number"],
    "maximum": 9999999999.99,
    "minimum": 0,
    "pattern": r"^\s*([0-9]{1,10}(\.[0-9]{1,2})?)?\s*$",
}
Price = Annotated[
    Annotated[Money | None, Blank, WithJsonSchema({"anyOf": [_PRICE, {"type": "null"}]})],
    Query(description="Leaves out what has no price"),
]
AtTime = Annotated[
    Short | None,
    Blank,
    Query(description="A time with zone, or a date: whose provider is free from then on, or at some time of that day"),
]
Hours = Annotated[
    Annotated[Decimal, Field(gt=0, le=24, decimal_places=7)] | None,
    Blank,
    Query(description="How long a booking lasts"),
]


async def least_rating(
    request: Request,
    by_sign: Annotated[
        Rating | None, Blank, Query(alias="rating>", description="`rating>=4`: the first `=` divides name and value")
    ] = None,
    min_rating: Annotated[Rating | None, Blank, Query(description="The same")] = None,
) -> float | None:
    """The least rating; also where a client has written the sign as part of the name (``rating%3E%3D4``)."""
    said = [each for each in (by_sign, min_rating) if each is not None]
    for name, value in request.query_params.multi_items():
        if name.startswith(_SIGN) and (number := name.removeprefix(_SIGN) or value):
            said.append(_rating(number))
    return max(said, default=None)


def _rating(said: str) -> float:
    try:
        number = float(said)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 5:
        raise refused("rating>", "Input should be a number from 0 to 5", said)
    return number


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is looked for: around a point, or by the label of an area, or anywhere."""

    point: Point | None = None
    label: str | None = None


async def place(location: PlaceWanted = None) -> Place:
    """Where: two numbers are a point, anything else a label."""
    if location is None:
        return Place()
    if not (found := _POINT.fullmatch(location)):
        return Place(label=composed(location))
    lat, lng = float(found[1]), float(found[2])
    if not is_on_globe(lat, lng):
        raise refused("location", "a point is latitude -90..90, longitude -180..180", location)
    return Place(Point(lat, lng))


def must_have_point(sort: str, where: Place) -> None:
    """Raises RequestValidationError: nothing can be sorted by a distance from nowhere."""
    if sort == "distance" and where.point is None:
        raise refused("sort", "the distance needs a location of two numbers", sort)


def moment_or_date(name: str, said: str) -> datetime | date:
    """A time with zone, or a date, of this century.

    Raises:
        RequestValidationError: it is neither.
    """
    try:
        if _DAY.fullmatch(said):
            found: datetime | date = date.fromisoformat(said)
        else:
            found = datetime.fromisoformat(_LOST_SIGN.sub("+", said)).astimezone(UTC) if _has_zone(said) else date.min
    except (ValueError, OverflowError):
        found = date.min
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise refused(name, "a time with its zone is needed, as 2026-12-12T09:00:00+05:30, or a date", said)
    return found


def _has_zone(said: str) -> bool:
    return datetime.fromisoformat(_LOST_SIGN.sub("+", said)).tzinfo is not None


def length(hours: Decimal, step: timedelta) -> timedelta:
    """How long a booking lasts.

    Raises:
        RequestValidationError: none can.
    """
    duration = duration_of(hours)
    if not is_duration(duration, step):
        raise refused(
            "duration_hours", f"a booking lasts 24 hours at most, in steps of {step}, two at least", str(hours)
        )
    return duration


async def free_time(policy: PolicyNow, available_at: AtTime = None, duration_hours: Hours = None) -> FreeTime | None:
    """When the provider has to be free, if that is asked for; for an hour, if nothing else is said."""
    duration = length(Decimal(1) if duration_hours is None else duration_hours, policy.time_step)
    if available_at is None:
        return None
    at = moment_or_date("available_at", available_at)
    now = datetime.now(UTC)
    return FreeTime(at=at, duration=duration, now=now, notice=policy.min_notice, step=policy.time_step)


LeastRating = Annotated[float | None, Depends(least_rating)]
Where = Annotated[Place, Depends(place)]
Free = Annotated[FreeTime | None, Depends(free_time)]


async def listing_search(
    where: Where,
    rating: LeastRating,
    free: Free,
    q: Words = None,
    category: CategoryWanted = None,
    provider_id: Annotated[Short | None, Blank, Query()] = None,
    within_km: Within = None,
    min_price: Price = None,
    max_price: Price = None,
    pricing_unit: Annotated[PricingUnit | None, Blank, Query()] = None,
    skill: Skill = None,
) -> Search:
    """What listings are narrowed to."""
    return Search(
        words=q and composed(q),
        category=category and composed(category),
        provider_id=provider_id,
        point=where.point,
        within_km=within_km,
        label=where.label,
        min_price=min_price,
        max_price=max_price,
        pricing_unit=pricing_unit and str(pricing_unit),
        rating=rating,
        skill=skill and skill.lower(),
        free=free,
    )


async def provider_search(
    where: Where, rating: LeastRating, q: Words = None, category: CategoryWanted = None, skill: Skill = None
) -> Search:
    """What providers are narrowed to."""
    return Search(
        words=q and composed(q),
        category=category and composed(category),
        point=where.point,
        label=where.label,
        rating=rating,
        skill=skill and skill.lower(),
    )


ListingSearch = Annotated[Search, Depends(listing_search)]
ProviderSearch = Annotated[Search, Depends(provider_search)]
