"""The vehicle service in PostgreSQL, as the engine uses it."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind import KindStorage, OpenWork
from adapters.postgres.schemas import RestoreRules
from domain.errors import NotFound
from kinds.vehicle_service.domain.errors import VehicleBusy
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import MECHANIC
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres import slots
from kinds.vehicle_service.postgres.essentials import insert_essentials
from kinds.vehicle_service.postgres.free_slots import find_free
from kinds.vehicle_service.postgres.personal_data import PERSONAL_DATA
from kinds.vehicle_service.postgres.retention import RETENTION
from kinds.vehicle_service.postgres.rows import CHILDREN, DETAIL
from kinds.vehicle_service.postgres.tables import Base

# Locked against leaving and removing until the booking is there: who goes first wins, the other one hears of it.
_CUSTOMER_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM users WHERE id = :id FOR KEY SHARE")
_VEHICLE_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM customer_cars WHERE id = :id FOR KEY SHARE")
_OPEN_JOB = OpenWork(
    "SELECT booking_id FROM booking_assignments WHERE mechanic_id = :id AND active ORDER BY id LIMIT 1",
    "a job on booking {} is open",
)
_PICKED_UP = "EXISTS (SELECT FROM visits AS v WHERE v.booking_id = b.id AND v.pickup_date {} :{})"


async def _lock_owners(connection: AsyncConnection, booking: VisitBooking) -> None:
    if (await connection.execute(_CUSTOMER_LEFT, {"id": booking.customer.id})).scalar():
        raise NotFound(f"there is no customer {booking.customer.id}")
    if (await connection.execute(_VEHICLE_LEFT, {"id": booking.vehicle.id})).scalar():
        raise NotFound(f"there is no vehicle {booking.vehicle.id}")


def _vehicle_busy(booking: VisitBooking) -> VehicleBusy:
    plate = booking.vehicle.registration_number
    return VehicleBusy(f"{plate} already has an open booking", vehicle_id=booking.vehicle.id)


def _service_removed(booking: VisitBooking) -> NotFound:
    return NotFound("a service of this booking was removed from the catalogue meanwhile")


STORAGE: KindStorage[VisitBooking] = KindStorage(
    kind=VEHICLE_SERVICE,
    schema="vehicle_service",
    metadata=Base.metadata,
    migrations=Path(__file__).parents[1] / "migrations",
    essentials=insert_essentials,
    detail=DETAIL,
    children=CHILDREN,
    filters={"since": _PICKED_UP.format(">=", "since"), "until": _PICKED_UP.format("<=", "until")},
    personal_data=PERSONAL_DATA,
    open_work={MECHANIC.name: _OPEN_JOB},
    retention=RETENTION,
    restoring=RestoreRules(
        early=frozenset({"slot_reservations"}),
        derived={
            "slot_usage": (
                "SELECT on_date, timeslot_id, count(*) AS used FROM {slot_reservations} GROUP BY on_date, timeslot_id"
            )
        },
        companions={"mechanics": "user_id", "mechanic_service_categories": "mechanic_id"},
    ),
    locks=("users", "customer_cars", "slot_reservations", "timeslots", "slot_usage"),
    lock_owners=_lock_owners,
    reserve=slots.reserve,
    find_free=find_free,
    release=slots.release,
    refusals={"uq_visits_vehicle_in_use": _vehicle_busy, "fk_booked_services_service_id": _service_removed},
)
