"""A backup has every schema, and a restore brings each table back as it was: told by digests of its rows.

A restore of three schemas takes four seconds of the processor: those that rewind the bookings, too, and so go a part of
the same way are in ``make test-long``.
"""

import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.backup import rows
from adapters.backup.archive import Archive
from adapters.backup.creator import Creator
from adapters.backup.erasing import Erased
from adapters.backup.programs import Programs
from adapters.backup.staging import Migrations, Staging
from adapters.backup.switch import Switch
from adapters.postgres.kind import KindStorage
from adapters.postgres.people.anonymisation import anonymise
from devstack.parts.postgres import binaries
from domain.backups import BackupInput, Store
from domain.errors import Conflict
from kinds.vehicle_service.postgres.storage import STORAGE as VEHICLES
from migrations.schemas import schemas
from migrations.streams import streams
from tests.kinds.table_reservation.postgres.storage import STORAGE as TABLES

KINDS = (VEHICLES, TABLES)
KEPT_OR_REWOUND = (True, pytest.param(False, marks=pytest.mark.long))
PEOPLE = {"vehicle_service": "CST000001", "tables": "TBL000001"}


def upgrade(connection: Connection) -> None:
    for stream in streams(KINDS):
        stream.upgrade(connection)


def revisions(connection: Connection) -> str:
    return ", ".join(f"{stream.name} {stream.current(connection)}" for stream in streams(KINDS))


_BOOKING = """
INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
    created_at, updated_at, state, summaries)
VALUES (:id, 'table_reservation', 'reserved', 1, 'TBL000001', 100, 100, 'none', false, now(), now(), now(), '{}', '{}')
"""
_WAITING = """
INSERT INTO outbox (booking_id, version, slug, person_id, place, mail) VALUES (:id, 1, :slug, 'TBL000001', 0, '{}')
"""
MIGRATIONS = Migrations(upgrade, revisions, schemas(KINDS))


@pytest.fixture(scope="module")
async def live(postgres: str) -> AsyncIterator[AsyncEngine]:
    """Two kinds in one database, with people of the same tables in both schemas."""
    engine = rows.engine(postgres)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        for schema, person in PEOPLE.items():
            await connection.execute(
                text(
                    f"INSERT INTO {schema}.users (id, role_id, first_name, phone, email)"
                    " VALUES (:id, 1, 'Asha', '+919841000001', 'asha@example.com')"
                ),
                {"id": person},
            )
        await connection.execute(text("INSERT INTO vehicle_service.areas (name, pincode) VALUES ('Adyar', '600020')"))
    yield engine
    await engine.dispose()


async def digests(engine: AsyncEngine) -> dict[str, rows.Count]:
    async with engine.connect() as connection:
        return await rows.counted(connection, {place.name: place.sql for place in MIGRATIONS.places()})


async def backed_up(postgres: str, folder: Path) -> str:
    """The name of a new backup."""
    nothing_else: object = None
    parts = (Archive(folder), Programs(postgres, binaries()), nothing_else, postgres, MIGRATIONS)
    creator = Creator(*parts, most_bytes=10**8, kept_for=None)  # type: ignore[arg-type]
    name = f"backup-20261124T061109Z-{uuid.uuid4().hex[:8]}"
    await creator.make(BackupInput(name, stores=(Store.POSTGRESQL,)), lambda _: None)
    return name


async def restore(postgres: str, folder: Path, name: str, *, keep_bookings: bool = True) -> None:
    staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
    await staging.fill(*Archive(folder).check(name, Store.POSTGRESQL), "restore-1")
    await Switch(postgres, MIGRATIONS.schemas).run(keep_bookings=keep_bookings, before=_noted, beside=_nothing)


async def test_a_restore_brings_back_the_tables_of_every_schema_by_digest(
    postgres: str, live: AsyncEngine, tmp_path: Path
):
    before = await digests(live)
    assert {"bookings", "vehicle_service.users", "tables.users", "tables.table_bookings"} <= before.keys()
    assert before["vehicle_service.users"] != before["tables.users"]
    name = await backed_up(postgres, tmp_path)
    manifest = Archive(tmp_path).manifest(name) or {}
    assert {table: rows.Count(**facts) for table, facts in manifest["tables"].items() if table in before} == {
        table: count for table, count in before.items() if table in manifest["tables"]
    }
    async with live.begin() as connection:
        for schema in PEOPLE:
            await connection.execute(text(f"UPDATE {schema}.users SET first_name = 'Nina'"))
        await connection.execute(text("DELETE FROM vehicle_service.areas"))
        await connection.execute(text("DELETE FROM public.notification_categories"))
    changed = await digests(live)
    assert {table for table in before if changed[table] != before[table]} == {
        "vehicle_service.users",
        "tables.users",
        "vehicle_service.areas",
        "notification_categories",
    }
    await restore(postgres, tmp_path, name)
    assert await digests(live) == before


@pytest.mark.parametrize("keep_bookings", KEPT_OR_REWOUND)
async def test_an_email_that_left_since_the_backup_does_not_leave_again_and_what_waits_now_goes_on(
    postgres: str, live: AsyncEngine, tmp_path: Path, keep_bookings: bool
):
    booking = {"id": 800_001 + keep_bookings}

    async def wait(slug: str) -> None:
        async with live.begin() as connection:
            await connection.execute(text("DELETE FROM outbox WHERE booking_id = :id"), booking)
            await connection.execute(text(_WAITING), {**booking, "slug": slug})

    async with live.begin() as connection:
        await connection.execute(text(_BOOKING), booking)
    await wait("confirmation")
    name = await backed_up(postgres, tmp_path)
    await wait("completed")
    await restore(postgres, tmp_path, name, keep_bookings=keep_bookings)
    async with live.connect() as connection:
        left = await connection.execute(text("SELECT slug FROM outbox WHERE booking_id = :id"), booking)
        assert [row.slug for row in left] == ["completed"]


async def leave(live: AsyncEngine, kind: KindStorage[Any], person: str, *documents: str) -> None:
    async with live.begin() as connection:
        await connection.execute(text(f"SET LOCAL search_path = {kind.schema}, public"))
        await anonymise(connection, kind, kind.kind.role("customer"), person, documents)


@pytest.mark.parametrize("keep_bookings", KEPT_OR_REWOUND)
async def test_who_left_since_the_backup_is_erased_from_it_and_their_namesake_of_another_kind_is_not(
    postgres: str, live: AsyncEngine, tmp_path: Path, keep_bookings: bool
):
    person = f"CST00010{int(keep_bookings)}"
    phone, users = f"+91984100010{int(keep_bookings)}", "SELECT name, phone FROM {}.users WHERE id = :id"

    async def come(schema: str, number: str, id_: str, role: str = "customer") -> None:
        async with live.begin() as connection:
            await connection.execute(
                text(
                    f"INSERT INTO {schema}.users (id, role_id, first_name, phone, email)"
                    f" SELECT :id, id, 'Nina', :phone, :id || '@example.com' FROM {schema}.roles WHERE name = :role"
                ),
                {"id": id_, "phone": number, "role": role},
            )

    for schema in PEOPLE:
        await come(schema, phone, person)
    name = await backed_up(postgres, tmp_path)
    await leave(live, VEHICLES, person, "66b0f3c2a1d4e5f607182930")
    newcomer = f"CST00020{int(keep_bookings)}"
    await come(VEHICLES.schema, phone, newcomer)
    booking = {"id": 801_001 + keep_bookings, "person": newcomer}
    async with live.begin() as connection:
        await connection.execute(text(_BOOKING.replace("'TBL000001'", ":person")), booking)
        await connection.execute(
            text("INSERT INTO vehicle_service.booking_participants VALUES (:id, :person, 'customer', true)"), booking
        )
    await restore(postgres, tmp_path, name, keep_bookings=keep_bookings)
    async with live.connect() as connection:
        found = {
            schema: (await connection.execute(text(users.format(schema)), {"id": person})).one() for schema in PEOPLE
        }
        left = await connection.execute(
            text("SELECT kind, documents FROM erasures WHERE person_id = :id"), {"id": person}
        )
        assert [tuple(row) for row in left] == [("vehicle_service", ["66b0f3c2a1d4e5f607182930"])]
        now = (await connection.execute(text(users.format("vehicle_service")), {"id": newcomer})).first()
    assert tuple(found["vehicle_service"]) == ("Former customer", None)
    assert tuple(found["tables"]) == ("Nina", phone)
    assert (now is not None) == keep_bookings


async def test_who_left_while_a_restore_was_prepared_is_erased_in_its_switch(
    postgres: str, live: AsyncEngine, tmp_path: Path
):
    person = "CST000300"
    async with live.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO vehicle_service.users (id, role_id, first_name, phone, email)"
                " SELECT :id, id, 'Nina', '+919841000300', 'nina300@example.com' FROM vehicle_service.roles"
                " WHERE name = 'customer'"
            ),
            {"id": person},
        )
    name = await backed_up(postgres, tmp_path)
    staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
    await staging.fill(*Archive(tmp_path).check(name, Store.POSTGRESQL), "restore-3")
    await leave(live, VEHICLES, person)
    told: list[Erased] = []

    async def beside(left: Sequence[Erased]) -> None:
        told.extend(left)

    await Switch(postgres, MIGRATIONS.schemas).run(keep_bookings=True, before=_noted, beside=beside)
    async with live.connect() as connection:
        row = await connection.execute(text("SELECT name FROM vehicle_service.users WHERE id = :id"), {"id": person})
        assert row.scalar_one() == "Former customer"
    assert [person in each.people for each in told if each.schema == VEHICLES.schema] == [True]


async def test_a_restore_beside_a_kind_that_is_not_served_is_refused_before_anything_is_laid_out(
    postgres: str, live: AsyncEngine, tmp_path: Path
):
    async with live.begin() as connection:
        await connection.execute(text("CREATE SCHEMA closed_kind"))
        await connection.execute(text("CREATE TABLE closed_kind.boats (booking_id bigint REFERENCES public.bookings)"))
    try:
        staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
        with pytest.raises(Conflict, match="does not serve: closed_kind"):
            await staging.fill(tmp_path / "any.dump", {}, "restore-2")
    finally:
        async with live.begin() as connection:
            await connection.execute(text("DROP SCHEMA closed_kind CASCADE"))


async def _noted(_transaction: str, _restored: object) -> None:
    return None


async def _nothing(_left: object) -> None:
    return None
