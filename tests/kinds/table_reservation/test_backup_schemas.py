"""A backup has every schema, and a restore brings each table back as it was: told by digests of its rows.

A restore of three schemas takes four seconds of the processor: one shows all that happened since its backup, and the
one that rewinds the bookings, too, is in ``make test-long``.
"""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
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
DOCUMENT = "66b0f3c2a1d4e5f607182930"
PEOPLE = {"vehicle_service": "CST000001", "tables": "TBL000001"}


def upgrade(connection: Connection) -> None:
    for stream in streams(KINDS):
        stream.upgrade(connection)


def revisions(connection: Connection) -> str:
    return ", ".join(f"{stream.name} {stream.current(connection)}" for stream in streams(KINDS))


_BOOKING = """
INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
    created_at, updated_at, state, summaries)
VALUES (:id, 'table_reservation', 'reserved', 1, :person, 100, 100, 'none', false, now(), now(), now(), '{}', '{}')
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


async def restore(postgres: str, folder: Path, name: str) -> None:
    staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
    await staging.fill(*Archive(folder).check(name, Store.POSTGRESQL), "restore-1")
    await Switch(postgres, MIGRATIONS.schemas).run(keep_bookings=True, before=_noted, beside=_nothing)


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


async def come(live: AsyncEngine, schema: str, id_: str, phone: str) -> None:
    async with live.begin() as connection:
        await connection.execute(
            text(
                f"INSERT INTO {schema}.users (id, role_id, first_name, phone, email)"
                f" SELECT :id, id, 'Nina', :phone, :id || '@example.com' FROM {schema}.roles WHERE name = 'customer'"
            ),
            {"id": id_, "phone": phone},
        )


async def leave(live: AsyncEngine, kind: KindStorage[Any], person: str, *documents: str) -> None:
    async with live.begin() as connection:
        await connection.execute(text(f"SET LOCAL search_path = {kind.schema}, public"))
        await anonymise(connection, kind, kind.kind.role("customer"), person, documents)


async def wait(live: AsyncEngine, booking: int, slug: str) -> None:
    """No other e-mail of the booking waits."""
    async with live.begin() as connection:
        await connection.execute(text("DELETE FROM outbox WHERE booking_id = :id"), {"id": booking})
        await connection.execute(text(_WAITING), {"id": booking, "slug": slug})


@dataclass(frozen=True)
class Since:
    """What happened after a backup, and the restore that followed."""

    keep_bookings: bool
    booking: int
    """Its confirmation waited then, has left, and the next e-mail waits now."""
    person: str
    """Left, with a document. Somebody of the other kind has the same number."""
    phone: str
    newcomer: str
    """Has the phone of who left, and a booking."""
    late: str
    """Left when the restore was prepared, before its switch."""
    told: list[Erased]


@pytest.fixture(scope="module", params=KEPT_OR_REWOUND, ids=("kept", "rewound"))
async def since(
    request: pytest.FixtureRequest, postgres: str, live: AsyncEngine, tmp_path_factory: pytest.TempPathFactory
) -> Since:
    keep_bookings, folder, told = bool(request.param), tmp_path_factory.mktemp("since"), list[Erased]()
    n = int(keep_bookings)
    since = Since(keep_bookings, 800_001 + n, f"CST00010{n}", f"+91984100010{n}", f"CST00020{n}", f"CST00030{n}", told)
    async with live.begin() as connection:
        await connection.execute(text(_BOOKING), {"id": since.booking, "person": "TBL000001"})
    await wait(live, since.booking, "confirmation")
    for schema in PEOPLE:
        await come(live, schema, since.person, since.phone)
    await come(live, VEHICLES.schema, since.late, f"+91984100030{n}")
    name = await backed_up(postgres, folder)

    await wait(live, since.booking, "completed")
    await leave(live, VEHICLES, since.person, DOCUMENT)
    await come(live, VEHICLES.schema, since.newcomer, since.phone)
    booking = {"id": 801_001 + n, "person": since.newcomer}
    async with live.begin() as connection:
        await connection.execute(text(_BOOKING), booking)
        await connection.execute(
            text("INSERT INTO vehicle_service.booking_participants VALUES (:id, :person, 'customer', true)"), booking
        )
    staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
    await staging.fill(*Archive(folder).check(name, Store.POSTGRESQL), "restore-3")
    await leave(live, VEHICLES, since.late)

    async def beside(left: Sequence[Erased]) -> None:
        told.extend(left)

    await Switch(postgres, MIGRATIONS.schemas).run(keep_bookings=keep_bookings, before=_noted, beside=beside)
    return since


async def test_an_email_that_left_since_the_backup_does_not_leave_again_and_what_waits_now_goes_on(
    live: AsyncEngine, since: Since
):
    async with live.connect() as connection:
        left = await connection.execute(text("SELECT slug FROM outbox WHERE booking_id = :id"), {"id": since.booking})
        assert [row.slug for row in left] == ["completed"]


async def test_who_left_since_the_backup_is_erased_from_it_and_their_namesake_of_another_kind_is_not(
    live: AsyncEngine, since: Since
):
    users, person = "SELECT name, phone FROM {}.users WHERE id = :id", {"id": since.person}
    async with live.connect() as connection:
        found = {schema: (await connection.execute(text(users.format(schema)), person)).one() for schema in PEOPLE}
        left = await connection.execute(text("SELECT kind, documents FROM erasures WHERE person_id = :id"), person)
        assert [tuple(row) for row in left] == [("vehicle_service", [DOCUMENT])]
        now = (await connection.execute(text(users.format("vehicle_service")), {"id": since.newcomer})).first()
    assert tuple(found["vehicle_service"]) == ("Former customer", None)
    assert tuple(found["tables"]) == ("Nina", since.phone)
    assert (now is not None) == since.keep_bookings


async def test_who_left_while_a_restore_was_prepared_is_erased_in_its_switch(live: AsyncEngine, since: Since):
    async with live.connect() as connection:
        named = text("SELECT name FROM vehicle_service.users WHERE id = :id")
        assert (await connection.execute(named, {"id": since.late})).scalar_one() == "Former customer"
    assert [since.late in each.people for each in since.told if each.schema == VEHICLES.schema] == [True]


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
