"""A database of bookings alone: their timeslots are there, people, cars and services that rows refer to are not."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import make_url, text

from adapters.postgres.database import Database
from kinds.vehicle_service.domain.parts import Timeslot
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores

_SLOT = text(
    "INSERT INTO timeslots (id, name, start_time, end_time, capacity) OVERRIDING SYSTEM VALUE "
    "VALUES (:id, :name, CAST(:start AS text)::time, CAST(:until AS text)::time, :capacity)"
)


@asynccontextmanager
async def database_with_timeslots(postgres: str, capacity: Mapping[Timeslot, int]) -> AsyncIterator[Database]:
    """The migrated database of this address, where nobody asks whether what a row refers to exists."""
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    async with database.write.begin() as connection:
        name = make_url(postgres).database
        await connection.execute(text(f'ALTER DATABASE "{name}" SET session_replication_role = replica'))
        for slot, places in capacity.items():
            given = {"id": slot.id, "name": slot.name, "start": slot.start_time, "until": slot.end_time}
            await connection.execute(_SLOT, {**given, "capacity": places})
    await database.close()  # new connections have the new setting
    yield database
    await database.close()
