"""What a booking's workflow writes: opening, projecting, moving slots. Behind ``activities.bookings``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import Database
from adapters.postgres.projection import STATE, project
from domain.emails import BookingEmail
from domain.errors import NotFound, VehicleBusy
from domain.kind import Json
from kinds.vehicle_service.domain.reservations import reservations
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres import slots

_STATE = text("SELECT state::text AS state FROM bookings WHERE id = :id")
_MOVED = text(
    "SELECT id, version FROM bookings WHERE updated_at BETWEEN now() - make_interval(secs => CAST(:within AS float8))"
    " AND now() - make_interval(secs => CAST(:before AS float8)) ORDER BY updated_at DESC LIMIT 500"
)
_KNOWN = text("SELECT version FROM bookings WHERE id = :id")
# Locked against leaving and removing until the booking is there: who goes first wins, the other one hears of it.
_OWNER_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM users WHERE id = :id FOR KEY SHARE")
_VEHICLE_LEFT = text("SELECT deleted_at IS NOT NULL AS gone FROM customer_cars WHERE id = :id FOR KEY SHARE")
_ONE_OPEN_VEHICLE = "uq_visits_open_vehicle"


class BookingStore:
    """Bookings in PostgreSQL, written by their workflows only."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database = database
        self._timezone = timezone

    async def open(self, booking: VisitBooking, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        """Insert a new booking with its slots and e-mails, all or nothing; the second time is quiet.

        Raises:
            SlotTaken: a slot is full.
            VehicleBusy: the vehicle has an open booking.
            NotFound: the customer has left, or the vehicle was removed, since the booking was asked for.
        """
        try:
            async with self._database.write.begin() as connection:
                if (await connection.execute(_KNOWN, {"id": booking.id})).first() is None:
                    await _must_still_be_there(connection, booking)
                    await slots.reserve(connection, booking.id, reservations(booking), self._timezone)
                    await project(connection, booking, update_id, emails)
        except IntegrityError as broken:
            if _ONE_OPEN_VEHICLE in str(broken.orig):
                plate = booking.vehicle.registration_number
                raise VehicleBusy(f"{plate} already has an open booking", vehicle_id=booking.vehicle.id) from None
            raise

    async def load(self, booking_id: int) -> VisitBooking:
        """The whole state of a booking.

        Raises:
            NotFound: there is none.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_STATE, {"id": booking_id})).first()
        if row is None:
            raise NotFound(f"there is no booking {booking_id}")
        return STATE.validate_json(row.state)

    async def project(
        self,
        booking: VisitBooking,
        update_id: str | None,
        emails: Sequence[BookingEmail] = (),
        freed: Collection[str] = (),
    ) -> None:
        """Write the newest version with its e-mails, and give back the slots of the legs ``freed``.

        Slots before rows: see the lock order in ``slots``.
        """
        async with self._database.write.begin() as connection:
            if freed:
                await slots.release(connection, booking.id, freed)
            await project(connection, booking, update_id, emails)

    async def moved(self, within: timedelta, before: timedelta) -> list[tuple[int, int]]:
        """Ids and versions of the bookings that moved in that time, but not just now; the newest first.

        Closed ones too: the move that was lost may be the one that closed it.
        """
        given = {"within": within.total_seconds(), "before": before.total_seconds()}
        async with self._database.read.connect() as connection:
            return [(row.id, row.version) for row in await connection.execute(_MOVED, given)]

    async def reserve(self, booking_id: int, legs: Mapping[str, Json]) -> None:
        """Hold these slots instead of those that the same legs held; repeating it changes nothing.

        Raises:
            SlotTaken: a wanted slot is full; the old ones are kept.
        """
        async with self._database.write.begin() as connection:
            await slots.reserve(connection, booking_id, legs, self._timezone)


async def _must_still_be_there(connection: AsyncConnection, booking: VisitBooking) -> None:
    if (await connection.execute(_OWNER_LEFT, {"id": booking.customer.id})).scalar():
        raise NotFound(f"there is no customer {booking.customer.id}")
    if (await connection.execute(_VEHICLE_LEFT, {"id": booking.vehicle.id})).scalar():
        raise NotFound(f"there is no vehicle {booking.vehicle.id}")
