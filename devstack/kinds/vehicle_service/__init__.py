"""Vehicle service in the development stack: a workshop with a catalogue, cars and demo people, and scenarios."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.passwords import Passwords
from adapters.mongo import MongoDatabase
from devstack.kinds import Seeded
from devstack.kinds.vehicle_service.seed_catalogue import seed_catalogue
from devstack.kinds.vehicle_service.seed_mongo import seed_mongo
from devstack.kinds.vehicle_service.seed_people import seed_people
from kinds.vehicle_service.settings import PolicySettings
from settings import Secrets


async def seed(connection: AsyncConnection, mongo: MongoDatabase, *, kept: bool) -> Seeded:
    """The catalogue, the places and the people in PostgreSQL, the texts and the GST in MongoDB."""
    passwords = Passwords(Secrets().hashing)
    try:
        rows = await seed_catalogue(connection, PolicySettings().slot_capacity)
        people = await seed_people(connection, passwords, kept=kept)
    finally:
        passwords.close()
    await seed_mongo(mongo, datetime.now(UTC))
    return Seeded(rows, people)
