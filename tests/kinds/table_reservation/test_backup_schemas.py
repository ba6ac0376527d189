"""A backup has every schema, and a restore brings each table back as it was: told by digests of its rows."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.backup import rows
from adapters.backup.archive import Archive
from adapters.backup.creator import Creator
from adapters.backup.programs import Programs
from adapters.backup.staging import Migrations, Staging
from adapters.backup.switch import Switch
from devstack.parts.postgres import binaries
from domain.backups import BackupInput, Store
from domain.errors import Conflict
from kinds.vehicle_service.postgres.storage import STORAGE as VEHICLES
from migrations.schemas import schemas
from migrations.streams import streams
from tests.kinds.table_reservation.postgres.storage import STORAGE as TABLES

KINDS = (VEHICLES, TABLES)
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


@pytest.mark.parametrize("keep_bookings", [True, False])
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


async def _nothing() -> None:
    return None
