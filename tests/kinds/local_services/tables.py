"""The tables of local services, added to a database that has those of the engine."""

from adapters.postgres.database import Database
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.postgres.tables import SCHEMA
from migrations.streams import streams
from settings import Stores


async def add_tables(postgres: str) -> None:
    """All streams that the kind has."""
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    async with database.write.begin() as connection:
        for stream in streams([STORAGE]):
            await connection.run_sync(stream.upgrade)
    await database.close()
