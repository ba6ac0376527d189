"""The facts that a request needs: the listing with its provider, and who asks. One statement."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.errors import TooManyOpen
from kinds.local_services.domain.parts import Listing, Option, PricingUnit
from kinds.local_services.domain.places import CoverageArea

MOST_OPEN = 10
"""Requests of one person that wait for an answer."""

_OPEN = """SELECT count(*) FROM service_bookings AS s JOIN bookings AS b ON b.id = s.booking_id
            WHERE s.requester_id = :requester AND b.status = :requested"""
_FACTS = text(
    f"""
    SELECT coalesce(CAST(:booking AS bigint), nextval('booking_ids')) AS booking_id,
        l.id, l.provider_id, l.title, l.pricing_unit, l.base_price, l.min_hours, l.pricing_options::text AS options,
        l.area_label, l.lat, l.lng, l.radius_km, c.id AS category_id, c.name AS category, c.sac, c.platform_pays_gst,
        l.is_active AND p.deleted_at IS NULL AND pp.blocked_at IS NULL AS takes_requests,
        pp.gstin AS provider_gstin,
        EXISTS (SELECT FROM users AS r WHERE r.id = :requester AND r.deleted_at IS NULL AND r.id LIKE 'USR%')
            AS is_there,
        (SELECT rp.phone_verified_at IS NOT NULL FROM profiles AS rp WHERE rp.user_id = :requester) AS verified,
        (SELECT rp.gstin FROM profiles AS rp WHERE rp.user_id = :requester) AS requester_gstin,
        ({_OPEN}) AS open_requests
    FROM (SELECT 1) AS always
    LEFT JOIN (listings AS l JOIN categories AS c ON c.id = l.category_id JOIN users AS p ON p.id = l.provider_id
        LEFT JOIN profiles AS pp ON pp.user_id = p.id) ON l.id = :listing AND l.deleted_at IS NULL
    """  # noqa: S608 - ours
)
_COUNT = text(_OPEN)
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('requests of ' || CAST(:requester AS text), 0))")
_NEWEST_PERCENT = text(
    "SELECT b.state #>> '{rates,gst_percent}' AS percent FROM bookings AS b JOIN service_bookings AS s"
    " ON s.booking_id = b.id ORDER BY b.id DESC LIMIT 1"
)
_PROVIDER_GSTIN = text("SELECT gstin FROM profiles WHERE user_id = :provider")


@dataclass(frozen=True, slots=True)
class Offered:
    """A listing as it is offered now; ``options`` are all that can be chosen."""

    provider: str
    listing: Listing
    options: dict[int, Option]
    area: CoverageArea | None
    takes_requests: bool
    provider_gstin: str | None


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request is made of; without an offer there is no such listing."""

    booking_id: int
    offered: Offered | None
    is_there: bool
    verified: bool
    requester_gstin: str | None
    open_requests: int


async def request_facts(
    connection: AsyncConnection, listing_id: int, requester: str, booking_id: int | None
) -> RequestFacts:
    """Everything that a request for that listing by that person needs to know; it takes a number for its booking."""
    given = {"listing": listing_id, "requester": requester, "booking": booking_id, "requested": str(Status.REQUESTED)}
    row = (await connection.execute(_FACTS, given)).one()
    return RequestFacts(
        row.booking_id,
        _offered(row) if row.id is not None else None,
        row.is_there,
        bool(row.verified),
        row.requester_gstin,
        row.open_requests,
    )


async def take_turn(connection: AsyncConnection, requester: str) -> None:
    """Hold every other request of this person up until the transaction has ended, and judge how many are open.

    Raises:
        TooManyOpen: so many wait for an answer that another one is not possible.
    """
    await connection.execute(_TURN, {"requester": requester})
    given = {"requester": requester, "requested": str(Status.REQUESTED)}
    must_not_be_too_many((await connection.execute(_COUNT, given)).scalar_one())


def must_not_be_too_many(open_requests: int) -> None:
    """Judge whether one more request may wait for an answer.

    Raises:
        TooManyOpen: there are as many as there can be.
    """
    if open_requests >= MOST_OPEN:
        raise TooManyOpen(f"{open_requests} requests wait for an answer, more are not possible")


async def gstin_of(connection: AsyncConnection, provider: str) -> str | None:
    """The GSTIN of a provider as it is now."""
    return (await connection.execute(_PROVIDER_GSTIN, {"provider": provider})).scalar()


async def newest_percent(connection: AsyncConnection) -> Decimal | None:
    """The GST that the newest booking began with."""
    found = (await connection.execute(_NEWEST_PERCENT)).scalar()
    return None if found is None else Decimal(found)


def _offered(row: Any) -> Offered:
    listing = Listing(
        id=row.id,
        title=row.title,
        unit=PricingUnit(row.pricing_unit),
        base_price=row.base_price,
        min_hours=None if row.min_hours is None else Decimal(row.min_hours),
        category_id=row.category_id,
        category=row.category,
        sac=row.sac,
        platform_pays_gst=row.platform_pays_gst,
    )
    options = {each["id"]: Option(each["id"], each["name"], each["price"]) for each in orjson.loads(row.options)}
    area = None if row.lat is None else CoverageArea(row.area_label, row.lat, row.lng, row.radius_km)
    return Offered(row.provider_id, listing, options, area, row.takes_requests, row.provider_gstin)
