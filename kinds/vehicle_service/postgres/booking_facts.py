"""The facts that a request needs before it can be judged: whose car, which price, which slot, which mechanic.

One statement for a new booking, one more when a slot has to be found. What is missing here is refused by the planner;
capacity itself is decided later, when the slots are taken.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.booking import Customer
from domain.kind import Json
from kinds.vehicle_service.domain.parts import Absence, Mechanic, Vehicle, Wish
from kinds.vehicle_service.postgres.free_slots import free_drop, free_for, next_free_slots
from kinds.vehicle_service.postgres.request_facts import (
    NewBookingFacts,
    Offer,
    Places,
    offers_of,
    places_of,
)

_SLOTS = """(SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name,
    'start_time', to_char(t.start_time, 'HH24:MI'), 'end_time', to_char(t.end_time, 'HH24:MI'))), '[]')::text
    FROM timeslots AS t) AS timeslots"""
_ADDRESSES = """(SELECT coalesce(json_agg(json_build_object('id', a.id, 'label', a.label, 'line1', a.line1,
    'line2', a.line2, 'area', r.name, 'pincode', r.pincode) ORDER BY a.id), '[]')::text
    FROM addresses AS a JOIN areas AS r ON r.id = a.area_id
    WHERE a.customer_id = :customer AND a.deleted_at IS NULL) AS addresses"""
_AREAS = """(SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'pincode', r.pincode)), '[]')::text
    FROM areas AS r WHERE r.id = ANY(CAST(:areas AS bigint[]))) AS areas"""
_OFFER = """json_build_object('id', s.id, 'title', s.title, 'category_id', s.category_id,
    'difficulty', s.difficulty, 'sac', s.sac, 'hours', s.time_hrs::text, 'price', p.price, 'fits',
    EXISTS (SELECT FROM service_fuel_types AS f WHERE f.service_id = s.id AND f.fuel_type_id = c.fuel_type_id))"""

_ORDER = text(
    f"""
    WITH car AS (
        SELECT own.id, own.registration_number, m.name AS manufacturer, c.model, f.name AS fuel_type,
            k.name AS car_class, c.fuel_type_id, c.car_class_id
        FROM customer_cars AS own JOIN cars AS c ON c.id = own.car_id
        JOIN manufacturers AS m ON m.id = c.manufacturer_id JOIN fuel_types AS f ON f.id = c.fuel_type_id
        JOIN car_classes AS k ON k.id = c.car_class_id
        WHERE own.id = :vehicle AND own.customer_id = :customer AND own.deleted_at IS NULL
    )
    SELECT coalesce(CAST(:booking AS bigint), nextval('booking_ids')) AS booking_id,
        (SELECT u.id FROM users AS u JOIN roles AS r ON r.id = u.role_id
            WHERE u.id = :customer AND r.name = 'customer' AND u.deleted_at IS NULL) AS customer,
        (SELECT json_build_object('id', c.id, 'registration_number', c.registration_number, 'manufacturer',
            c.manufacturer, 'model', c.model, 'fuel_type', c.fuel_type, 'car_class', c.car_class)::text
            FROM car AS c) AS vehicle,
        (SELECT coalesce(json_agg({_OFFER}), '[]')::text
            FROM services AS s LEFT JOIN car AS c ON true
            LEFT JOIN price_chart AS p ON p.service_id = s.id AND p.car_class_id = c.car_class_id
            WHERE s.id = ANY(CAST(:services AS bigint[]))) AS services,
        {_SLOTS}, {_ADDRESSES}, {_AREAS}
    """  # noqa: S608 - constants of ours
)
_MOVE = text(f"SELECT {_SLOTS}, {_ADDRESSES}, {_AREAS}")
_MECHANIC = text(
    """
    SELECT (SELECT name FROM assignment_types WHERE id = :type) AS job,
        u.id, m.pickup_drop, m.analysis,
        (SELECT coalesce(array_agg(k.category_id ORDER BY k.category_id), '{}')
            FROM mechanic_service_categories AS k WHERE k.mechanic_id = u.id) AS categories,
        (SELECT coalesce(json_agg(json_build_array(a.first_date, a.last_date) ORDER BY a.first_date), '[]')::text
            FROM mechanic_absences AS a
            WHERE a.mechanic_id = u.id AND a.last_date >= (now() AT TIME ZONE CAST(:zone AS text))::date) AS absences
    FROM (SELECT 1) AS always
    LEFT JOIN (users AS u JOIN mechanics AS m ON m.user_id = u.id) ON u.id = :mechanic AND u.deleted_at IS NULL
    """
)
_RECOMMENDED = text(
    f"""
    SELECT coalesce(json_agg({_OFFER}), '[]')::text AS services
    FROM visits AS v JOIN customer_cars AS own ON own.id = v.vehicle_id JOIN cars AS c ON c.id = own.car_id
    JOIN services AS s ON s.id = ANY(CAST(:services AS bigint[]))
    LEFT JOIN price_chart AS p ON p.service_id = s.id AND p.car_class_id = c.car_class_id
    WHERE v.booking_id = :booking
    """  # noqa: S608 - constants of ours
)
_NEWEST_PERCENT = text(
    "SELECT b.state #>> '{policy,gst_percent}' AS percent FROM bookings AS b JOIN visits AS v ON v.booking_id = b.id"
    " ORDER BY b.id DESC LIMIT 1"
)
_PAYMENT_METHOD = text("SELECT name FROM payment_methods WHERE id = :id")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('address of ' || :customer, 0))")
_ADDRESS = text(
    """
    WITH known AS (
        SELECT id FROM addresses WHERE customer_id = :customer AND deleted_at IS NULL AND area_id = :area_id
            AND label = :label AND line1 = :line1 AND line2 IS NOT DISTINCT FROM CAST(:line2 AS text)
        ORDER BY id LIMIT 1
    ), made AS (
        INSERT INTO addresses (customer_id, label, line1, line2, area_id)
        SELECT CAST(:customer AS text), CAST(:label AS text), CAST(:line1 AS text), CAST(:line2 AS text),
            CAST(:area_id AS int) WHERE NOT EXISTS (SELECT FROM known)
        RETURNING id
    )
    SELECT id FROM known UNION ALL SELECT id FROM made
    """
)


class BookingFacts:
    """Looks up what requests are made of."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database = database
        self._timezone = timezone

    async def for_order(
        self, *, booking_id: int | None, customer: str, vehicle: int, services: list[int], areas: list[int]
    ) -> NewBookingFacts:
        """The facts of a new booking; mints its id unless it has one."""
        row = await self._one(
            _ORDER, booking=booking_id, customer=customer, vehicle=vehicle, services=services, areas=areas
        )
        return NewBookingFacts(
            booking_id=row.booking_id,
            customer=Customer(row.customer) if row.customer else None,
            vehicle=Vehicle(**orjson.loads(row.vehicle)) if row.vehicle else None,
            offers=offers_of(row.services),
            places=places_of(row),
        )

    async def for_move(self, customer: str, areas: list[int]) -> Places:
        """The facts of a rescheduling."""
        return places_of(await self._one(_MOVE, customer=customer, areas=areas))

    async def free(self, wish: Wish, working_days: int) -> Json | None:
        """Free slots that suit, as ``free_for`` finds them."""
        async with self._database.read.connect() as connection:
            return await free_for(connection, wish, working_days, self._timezone)

    async def free_drop(self, first: date, usual: int, named: int | None) -> Json | None:
        """A free slot for the way home, as ``free_drop`` finds it."""
        async with self._database.read.connect() as connection:
            return await free_drop(connection, first, usual, named, self._timezone)

    async def next_free(self, first: date) -> list[dict[str, Any]]:
        """What to offer instead of a slot that is full."""
        async with self._database.read.connect() as connection:
            return await next_free_slots(connection, first, self._timezone)

    async def mechanic(
        self, mechanic_id: str, assignment_type: int
    ) -> tuple[str | None, Mechanic | None, tuple[Absence, ...]]:
        """The name of the job and the mechanic, each None where there is none; when the mechanic is away."""
        row = await self._one(_MECHANIC, mechanic=mechanic_id, type=assignment_type, zone=self._timezone)
        if row.id is None:
            return row.job, None, ()
        away = tuple(Absence(*map(date.fromisoformat, days)) for days in orjson.loads(row.absences))
        return row.job, Mechanic(row.id, row.pickup_drop, row.analysis, tuple(row.categories)), away

    async def recommended(self, booking_id: int, services: list[int]) -> dict[int, Offer]:
        """Services as they are offered for the car of a booking."""
        row = await self._one(_RECOMMENDED, booking=booking_id, services=services)
        return offers_of(row.services)

    async def payment_method(self, method_id: int) -> str | None:
        """The name of a payment method."""
        row = await self._one(_PAYMENT_METHOD, id=method_id)
        return str(row.name) if row else None

    async def newest_percent(self) -> Decimal | None:
        """The GST percent with which the newest booking began; None if there is no booking."""
        row = await self._one(_NEWEST_PERCENT)
        return Decimal(row.percent) if row else None

    async def keep_address(self, customer: str, *, label: str, line1: str, line2: str | None, area_id: int) -> int:
        """Add an address to the customer's unless it is there: a repeated request adds no second one."""
        given = {"customer": customer, "label": label, "line1": line1, "line2": line2, "area_id": area_id}
        async with self._database.write.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME, {"customer": customer})
            return int((await connection.execute(_ADDRESS, given)).scalar_one())

    async def _one(self, statement: Any, **given: Any) -> Any:
        async with self._database.read.connect() as connection:
            return (await connection.execute(statement, given)).first()
