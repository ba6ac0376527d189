"""What the workflows of one kind of booking write: opening, projecting, reserving. Behind ``activities.bookings``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Generic

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from adapters.postgres.database import Database
from adapters.postgres.driver import ConnectionRunner, StatementRunner
from adapters.postgres.kind import KindStorage
from adapters.postgres.projection import Projection
from adapters.postgres.states import reader_of
from domain.emails import BookingEmail
from domain.errors import NotFound, RowsAhead
from domain.kind import B, BookingKind, Json

_STATE = text("SELECT state::text AS state FROM bookings WHERE id = :id AND kind = :kind")
_CHANGED = text(
    "SELECT id, version FROM bookings WHERE kind = :kind"
    " AND updated_at BETWEEN now() - make_interval(secs => CAST(:within AS float8))"
    " AND now() - make_interval(secs => CAST(:before AS float8)) ORDER BY updated_at DESC LIMIT 500"
)
_COUNT = text("SELECT count(*) FROM bookings WHERE kind = :kind AND NOT settled")
_UNSETTLED = text("SELECT id FROM bookings WHERE kind = :kind AND NOT settled ORDER BY id")
_UNSETTLED_AMONG = text(
    "SELECT id FROM bookings WHERE kind = :kind AND NOT settled AND id = ANY(CAST(:ids AS bigint[])) ORDER BY id"
)
_RESULTS = text(
    "SELECT update_id, status, version FROM booking_events WHERE booking_id = :id AND update_id IS NOT NULL"
    " ORDER BY version DESC LIMIT :limit"
)
_KNOWN = text("SELECT version FROM bookings WHERE id = :id")


class BookingStore(Generic[B]):
    """Bookings of one kind in PostgreSQL, written by their workflows only. Locks as ``lock_order`` says."""

    def __init__(self, database: Database, kind: BookingKind[B], storage: KindStorage[B]) -> None:
        self._database = database
        self._kind = kind
        self._storage = storage
        self._state = reader_of(kind.state)
        self._projection = Projection(kind, storage)

    async def open(self, booking: B, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        """Insert a new booking with what it reserves and its e-mails, all or nothing; the second time is quiet.

        Raises:
            RowsAhead: it was inserted with something else reserved, which was free then.
            SlotTaken: something that it wants to reserve is not free.
            NotFound: what it belongs to has gone since the booking was asked for.
            BookingError: what a unique index or a foreign key of the kind means.
        """
        with self._refusals(booking):
            async with self._database.write.begin() as connection:
                known = (await connection.execute(_STATE, {"id": booking.id, "kind": self._kind.name})).first()
                if known is not None:
                    self._must_be_reserved(booking, known.state)
                else:
                    await self._storage.lock_owners(connection, booking)
                    await self._storage.reserve(connection, booking.id, self._kind.reservations(booking))
                    runner = ConnectionRunner(connection)
                    await self._projection.write(runner, booking, update_id, emails)
                    await self._write_beside(runner, booking)

    def _must_be_reserved(self, booking: B, state: str) -> None:
        """A task that was lost may have found something else for what the booking leaves open."""
        if self._kind.leaves_open(booking):
            reserved = self._kind.reservations(self._state.validate_json(state))
            if reserved != self._kind.reservations(booking):
                raise RowsAhead

    async def find_free(self, booking: B) -> Json | None:
        """What a new booking that leaves something open can reserve now, as its kind reads it; None when nothing is."""
        async with self._database.read.connect() as connection:
            return await self._storage.find_free(connection, booking)

    async def load(self, booking_id: int) -> B:
        """The whole state of a booking.

        Raises:
            NotFound: there is none.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_STATE, {"id": booking_id, "kind": self._kind.name})).first()
        if row is None:
            raise NotFound(f"there is no booking {booking_id}")
        return self._state.validate_json(row.state)

    async def results(self, booking_id: int, limit: int) -> list[tuple[str, str, int]]:
        """Update id, status and version of the newest transitions that an update has made, the oldest first."""
        async with self._database.read.connect() as connection:
            rows = (await connection.execute(_RESULTS, {"id": booking_id, "limit": limit})).all()
        return [(row.update_id, row.status, row.version) for row in reversed(rows)]

    async def project(
        self,
        booking: B,
        update_id: str | None,
        emails: Sequence[BookingEmail] = (),
        freed: Collection[str] = (),
    ) -> None:
        """Write the newest version with its e-mails, and give back what the legs ``freed`` held.

        Raises:
            RowsAhead: the rows have more, or something else, than what this version follows; nothing is written.
            BookingError: something that the version wants has gone meanwhile; nothing is written.
        """
        with self._refusals(booking):
            if freed:
                async with self._database.write.begin() as connection:
                    await self._storage.release(connection, booking.id, freed)
                    await self._write_newest(ConnectionRunner(connection), booking, update_id, emails)
            elif self._storage.beside:
                async with self._database.transaction() as transaction:
                    await self._write_newest(transaction, booking, update_id, emails)
            else:
                await self._write_newest(self._database, booking, update_id, emails)

    async def _write_newest(
        self, runner: StatementRunner, booking: B, update_id: str | None, emails: Sequence[BookingEmail]
    ) -> None:
        if not await self._projection.write(runner, booking, update_id, emails):
            raise RowsAhead
        await self._write_beside(runner, booking)

    async def _write_beside(self, runner: StatementRunner, booking: B) -> None:
        for write in self._storage.beside:
            await write(runner, booking)

    async def reserve(self, booking_id: int, legs: Mapping[str, Json], version: int | None = None) -> None:
        """Hold these instead of what the same legs held, for the transition to this version; a repeat changes nothing.

        Raises:
            SlotTaken: one is not free; what was held is kept.
            RowsAhead: the rows are at a later version.
        """
        async with self._database.write.begin() as connection:
            if version is not None:
                known = (await connection.execute(_KNOWN, {"id": booking_id})).scalar_one_or_none()
                if known is not None and known > version:
                    raise RowsAhead
            await self._storage.reserve(connection, booking_id, legs)

    async def count_unsettled(self) -> int:
        """How many bookings should have a running workflow: open ones, and closed ones whose money is on its way."""
        async with self._database.read.connect() as connection:
            return int((await connection.execute(_COUNT, {"kind": self._kind.name})).scalar_one())

    async def unsettled(self, among: Collection[int] | None = None) -> list[int]:
        """Their ids, or those among these."""
        statement = _UNSETTLED if among is None else _UNSETTLED_AMONG
        given = {"kind": self._kind.name} | ({} if among is None else {"ids": list(among)})
        async with self._database.read.connect() as connection:
            return [row.id for row in await connection.execute(statement, given)]

    async def moved(self, within: timedelta, before: timedelta) -> list[tuple[int, int]]:
        """Ids and versions of the bookings that changed in that time, but not just now; the newest first.

        Closed ones too: the transition that was lost may be the one that closed it.
        """
        given = {"kind": self._kind.name, "within": within.total_seconds(), "before": before.total_seconds()}
        async with self._database.read.connect() as connection:
            return [(row.id, row.version) for row in await connection.execute(_CHANGED, given)]

    @contextmanager
    def _refusals(self, booking: B) -> Iterator[None]:
        """The kind's constraints speak as refusals: what they refuse once they refuse again."""
        try:
            yield
        except IntegrityError as broken:
            for constraint, refusal in self._storage.refusals.items():
                if constraint in str(broken.orig):
                    raise refusal(booking) from None
            raise
