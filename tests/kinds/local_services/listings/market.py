"""Providers, listings and held time in a database with the schema of local services alone."""

import itertools
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from adapters.pages import Slice
from adapters.postgres.database import Database
from adapters.postgres.listings import Listing, page_of
from kinds.local_services.domain.places import CoverageArea
from kinds.local_services.domain.roles import Role
from kinds.local_services.domain.schedules import Schedule
from kinds.local_services.postgres.held_time import reserve
from kinds.local_services.postgres.listings import add_listing, change_listing
from kinds.local_services.postgres.schedules import put_schedule
from kinds.local_services.postgres.tables import SCHEMA
from settings import Stores

PUNE = CoverageArea("Pune", 18.5204, 73.8567, 15)
HOUR = timedelta(hours=1)
_NUMBERS = itertools.count(1)


class Market:
    """What a test finds in its database; each provider is a new one."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def provider(
        self, name: str = "Meera Kale", *, rating: float | None = None, skills: tuple[str, ...] = ()
    ) -> str:
        number = next(_NUMBERS)
        first, last = name.split()
        row = {"id": f"USR{number:06}", "first": first, "last": last, "phone": f"+919{number:09}", "rating": rating}
        statements = (
            "INSERT INTO users (id, role_id, first_name, last_name, phone)"
            f" SELECT :id, id, :first, :last, :phone FROM roles WHERE name = '{Role.PROVIDER}'",
            "INSERT INTO profiles (user_id, rating_avg, rating_count)"
            " VALUES (:id, CAST(:rating AS numeric), CASE WHEN CAST(:rating AS numeric) IS NULL THEN 0 ELSE 3 END)",
        )
        async with self.database.write.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement), row)
            for skill in skills:
                added = "INSERT INTO user_skills (user_id, skill_tag) VALUES (:id, :skill)"
                await connection.execute(text(added), {"id": row["id"], "skill": skill})
        return str(row["id"])

    async def category(self, name: str) -> int:
        async with self.database.read.connect() as connection:
            statement = text("INSERT INTO categories (name) VALUES (:name) RETURNING id")
            return int((await connection.execute(statement, {"name": name})).scalar_one())

    async def listing(self, provider: str, category: int, *, area: CoverageArea | None = PUNE, **columns: Any) -> int:
        given = {"title": "Deep clean", "pricing_unit": "HOUR", "base_price": 450_00} | columns
        if area is not None:
            given |= {"area_label": area.label, "lat": area.lat, "lng": area.lng, "radius_km": area.radius_km}
        async with self.database.write.begin() as connection:
            return await add_listing(
                connection, Role.PROVIDER, {"provider_id": provider, "category_id": category, **given}
            )

    async def change(self, listing_id: int, **columns: Any) -> None:
        async with self.database.write.begin() as connection:
            await change_listing(connection, listing_id, columns)

    async def schedule(self, provider: str, schedule: Schedule) -> None:
        async with self.database.write.begin() as connection:
            await put_schedule(connection, provider, schedule, notice_is_own=True)

    async def hold(self, booking: int, leg: dict[str, Any]) -> None:
        async with self.database.write.begin() as connection:
            await reserve(connection, booking, {"time": leg})

    async def hold_all(self, provider: str, spans: list[tuple[datetime, datetime]]) -> None:
        statement = text(
            "INSERT INTO provider_time (booking_id, leg, provider_id, during)"
            " VALUES (:booking, 'time', :provider, tstzrange(:since, :until))"
        )
        rows = [{"booking": next(_NUMBERS), "provider": provider, "since": each[0], "until": each[1]} for each in spans]
        async with self.database.write.begin() as connection:
            await connection.execute(statement, rows)

    async def sql(self, statement: str, **given: Any) -> None:
        async with self.database.read.connect() as connection:
            await connection.execute(text(statement), given)

    async def rows(self, listing: Listing, parameters: dict[str, Any], **part: Any) -> Any:
        async with self.database.read.connect() as connection:
            return await page_of(connection, listing, Slice(**part), **parameters)


@pytest.fixture(scope="module")
async def market(postgres: str) -> AsyncIterator[Market]:
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    yield Market(database)
    await database.close()
