"""The vehicle service in PostgreSQL, as the engine uses it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind import KindStorage
from domain.errors import NotFound, VehicleBusy
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres import slots
from kinds.vehicle_service.postgres.rows import CHILDREN, DETAIL

# Locked against leaving and removing until the booking is there: who goes first wins, the other one hears of it.
_CUSTOMER_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM users WHERE id = :id FOR KEY SHARE")
_VEHICLE_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM customer_cars WHERE id = :id FOR KEY SHARE")
_PICKED_UP = "EXISTS (SELECT FROM visits AS v WHERE v.booking_id = b.id AND v.pickup_date {} :{})"


async def _lock_owners(connection: AsyncConnection, booking: VisitBooking) -> None:
    if (await connection.execute(_CUSTOMER_LEFT, {"id": booking.customer.id})).scalar():
        raise NotFound(f"there is no customer {booking.customer.id}")
    if (await connection.execute(_VEHICLE_LEFT, {"id": booking.vehicle.id})).scalar():
        raise NotFound(f"there is no vehicle {booking.vehicle.id}")


def _vehicle_busy(booking: VisitBooking) -> VehicleBusy:
    plate = booking.vehicle.registration_number
    return VehicleBusy(f"{plate} already has an open booking", vehicle_id=booking.vehicle.id)


STORAGE: KindStorage[VisitBooking] = KindStorage(
    detail=DETAIL,
    children=CHILDREN,
    filters={"since": _PICKED_UP.format(">=", "since"), "until": _PICKED_UP.format("<=", "until")},
    lock_owners=_lock_owners,
    reserve=slots.reserve,
    release=slots.release,
    refusals={"uq_visits_open_vehicle": _vehicle_busy},
)
