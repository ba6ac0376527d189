"""What is kept of local services, and what goes: backups and restores, retention, and people who leave or ask."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
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
from adapters.postgres.database import Database
from adapters.postgres.people.anonymisation import anonymise
from adapters.postgres.personal_data import ENGINE, PEOPLE, erase
from adapters.postgres.retention import ExpiredRows
from adapters.postgres.schemas import PUBLIC
from devstack.parts.postgres import binaries
from domain.backups import BackupInput, Store
from kinds.local_services.domain import commands
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.roles import SERVICE_PROVIDER
from kinds.local_services.postgres.storage import STORAGE
from kinds.vehicle_service.postgres.storage import STORAGE as VEHICLES
from migrations.schemas import schemas
from migrations.streams import streams
from retention_settings import Retention
from settings import Stores
from tests.kinds.local_services.bookings import ADMIN, ASHA, RAVI
from tests.kinds.local_services.postgres.test_bookings import Pair, database

__all__ = ["database"]

KINDS = (VEHICLES, STORAGE)
_ROWS = (
    "INSERT INTO listing_media (listing_id, media_url, media_type) VALUES (:listing, '/media/1.jpg', 'image')",
    "INSERT INTO schedules (provider_id, timezone, weekly, exceptions, buffer_minutes, horizon_days, week)"
    " VALUES (:provider, 'Asia/Kolkata', '[]', '[]', 0, 60, '{[0,600)}')",
    "INSERT INTO user_skills (user_id, skill_tag) VALUES (:provider, 'windows')",
    "INSERT INTO certifications (user_id, title, issuer) VALUES (:provider, 'Cleaner', 'Guild')",
    "INSERT INTO social_subjects (provider, subject, user_id) VALUES ('google', 'subject of ' || :seeker, :seeker)",
    "INSERT INTO codes (id, user_id, purpose, target, digest, expires_at)"
    " VALUES ('code of ' || :seeker, :seeker, 'phone', '+917000000001', 'x',"
    " now() + interval '1 hour' - CAST(:age AS interval))",
    "INSERT INTO begun_registrations (token, provider, subject, expires_at)"
    " VALUES ('token of ' || :seeker, 'google', 'x', now() + interval '1 hour' - CAST(:age AS interval))",
    "INSERT INTO audit_log (actor_id, action, target_type, target_id) VALUES (:admin, 'block', 'user', :seeker)",
    "INSERT INTO threads (booking_id, initiator_id, receiver_id) VALUES (:booking, :seeker, :provider)",
    "INSERT INTO messages (thread_id, sender_id, content, message_type)"
    " SELECT id, :seeker, 'hello', 'TEXT' FROM threads WHERE initiator_id = :seeker",
    "INSERT INTO feed_heads (user_id, last) VALUES (:seeker, 1) ON CONFLICT DO NOTHING",
    "INSERT INTO feed_events (user_id, id, type, data, created_at)"
    " VALUES (:seeker, 1001, 'message', '{}', now() - CAST(:age AS interval))",
    "INSERT INTO user_notifications (user_id, key, type, payload, created_at)"
    " VALUES (:seeker, 'key', 'booking.offer', '{}', now() - CAST(:age AS interval))",
    "INSERT INTO device_tokens (token, user_id, platform) VALUES ('device of ' || :seeker, :seeker, 'android')",
    "INSERT INTO timeline_notes (booking_id, event_type, metadata, by_id, by_role)"
    " VALUES (:booking, 'note', '{}', :seeker, 'requester')",
    "INSERT INTO hidden_reviews (review_id, hidden_by) SELECT id, :admin FROM reviews WHERE reviewer_id = :seeker",
    "INSERT INTO review_flags (review_id, flagged_by, reason)"
    " SELECT id, :provider, 'rude' FROM reviews WHERE reviewer_id = :seeker",
)
"""A row of each table that no booking writes."""


def upgrade(connection: Connection) -> None:
    for stream in streams(KINDS):
        stream.upgrade(connection)


def revisions(connection: Connection) -> str:
    return ", ".join(f"{stream.name} {stream.current(connection)}" for stream in streams(KINDS))


MIGRATIONS = Migrations(upgrade, revisions, schemas(KINDS))
OWN = [place for place in MIGRATIONS.places() if place.schema == STORAGE.schema]


async def scene(database: Database, age: timedelta = timedelta(0)) -> Pair:
    """Two people with a booking that was done and one that was asked for, and a row of theirs in every table."""
    pair = await Pair(database).arrives()
    await pair.live(commands.Review(ASHA, 4, "good"), commands.Review(RAVI, 5))
    booking = await pair.opens(pair.request())
    known = {"listing": pair.number, "provider": pair.provider.id, "seeker": pair.seeker.id, "admin": ADMIN.id}
    async with database.write.begin() as connection:
        for statement in _ROWS:
            typed = statement
            for name in ("provider", "seeker", "admin"):
                typed = typed.replace(f":{name}", f"CAST(:{name} AS text)")
            await connection.execute(text(typed), {**known, "booking": booking, "age": age})
    return pair


@pytest.fixture
async def live(postgres: str, database: Database) -> AsyncIterator[AsyncEngine]:
    engine = rows.engine(postgres)
    yield engine
    await engine.dispose()


async def digests(engine: AsyncEngine) -> dict[str, rows.Count]:
    async with engine.connect() as connection:
        return await rows.counted(connection, {place.name: place.sql for place in OWN})


async def test_every_table_of_the_kind_is_backed_up(live: AsyncEngine, database: Database):
    await scene(database)
    filled = {name.partition(".")[2] for name, count in (await digests(live)).items() if count.rows}
    assert STORAGE.metadata.tables.keys() - filled == set(), "no row of these is tried below"


@pytest.mark.long
@pytest.mark.parametrize("keep_bookings", [True, False])
async def test_a_restore_brings_every_table_of_the_kind_back_by_digest(
    postgres: str, live: AsyncEngine, database: Database, tmp_path: Path, keep_bookings: bool
):
    """Each run shows it of another kind with a schema of its own (``table_reservation/test_backup_schemas.py``)."""
    pair = await scene(database)
    before = await digests(live)
    nothing_else: object = None
    parts = (Archive(tmp_path), Programs(postgres, binaries()), nothing_else, postgres, MIGRATIONS)
    creator = Creator(*parts, most_bytes=10**8, kept_for=None)  # type: ignore[arg-type]
    name = f"backup-20261124T061109Z-{uuid.uuid4().hex[:8]}"
    await creator.make(BackupInput(name, stores=(Store.POSTGRESQL,)), lambda _: None)
    async with live.begin() as connection:
        for changed in (
            "UPDATE local.listings SET title = 'Shallow clean'",
            "UPDATE local.profiles SET bio = 'somebody else'",
            "UPDATE local.messages SET content = 'goodbye'",
            "DELETE FROM local.user_skills",
            "DELETE FROM local.schedules",
        ):
            await connection.execute(text(changed))
    assert await digests(live) != before
    staging = Staging(postgres, Programs(postgres, binaries()), MIGRATIONS)
    await staging.fill(*Archive(tmp_path).check(name, Store.POSTGRESQL), "restore-1")
    await Switch(postgres, MIGRATIONS.schemas).run(keep_bookings=keep_bookings, before=_noted, beside=_noted)
    after = await digests(live)
    assert {table for table in before if after[table] != before[table]} == set()
    await pair.opens(pair.request())  # numbers go on, and time is held as before


async def _noted(*_: object) -> None:
    return None


async def test_what_is_old_goes_and_what_is_young_stays(postgres: str, database: Database):
    old, young = await scene(database, timedelta(days=91)), await scene(database)
    public = Database(Stores(postgresql_url=postgres), PUBLIC)
    kept = Retention(
        keep_webhooks=timedelta(days=10), keep_email_log=timedelta(days=40), keep_reconciliations=timedelta(days=100)
    )
    try:
        await ExpiredRows(public, [(database, STORAGE.retention)], kept).purge_expired()
    finally:
        await public.close()
    left = (
        "SELECT (SELECT count(*) FROM codes WHERE user_id = :id),"
        " (SELECT count(*) FROM begun_registrations WHERE token = 'token of ' || :id),"
        " (SELECT count(*) FROM feed_events WHERE user_id = :id AND id = 1001),"
        " (SELECT count(*) FROM user_notifications WHERE user_id = :id AND key = 'key'),"
        " (SELECT count(*) FROM messages WHERE sender_id = :id)"
    ).replace(":id", "CAST(:id AS text)")
    async with database.read.connect() as connection:
        found = [(await connection.execute(text(left), {"id": each.seeker.id})).one() for each in (old, young)]
    assert [tuple(each) for each in found] == [(0, 0, 0, 0, 1), (1, 1, 1, 1, 1)]


async def test_every_statement_of_the_list_of_personal_data_is_one_that_the_tables_know(database: Database):
    own = STORAGE.personal_data
    async with database.write.begin() as connection:
        await erase(connection, LOCAL_SERVICES.name, own, ["USR999999"])
        for name, held in {**ENGINE, **PEOPLE, **own}.items():
            if held.exported:
                query = f"SELECT {held.exported} FROM {name} AS t WHERE {held.theirs}"
                given = {"people": ["USR999999"], "booking_kind": LOCAL_SERVICES.name}
                assert (await connection.execute(text(query), given)).all() == [], name


def test_what_is_personal_has_words_and_is_exported_or_says_why_not():
    for name, held in STORAGE.personal_data.items():
        assert not held.personal or (held.what and held.leaving), name
        assert bool(held.exported) == bool(held.theirs) == (bool(held.personal) and not held.left_out), name


async def test_a_provider_who_leaves_takes_what_is_theirs_along_and_nothing_of_others(database: Database):
    gone, other = await Pair(database).arrives(), await scene(database)
    async with database.write.begin() as connection:
        for statement in _ROWS[1:4]:
            typed = statement.replace(":provider", "CAST(:provider AS text)")
            await connection.execute(text(typed), {"provider": gone.provider.id})
        await anonymise(connection, STORAGE, SERVICE_PROVIDER, gone.provider.id)
    left = (
        "SELECT (SELECT phone FROM users WHERE id = :id), (SELECT count(*) FROM schedules WHERE provider_id = :id),"
        " (SELECT count(*) FROM user_skills WHERE user_id = :id),"
        " (SELECT count(*) FROM certifications WHERE user_id = :id),"
        " (SELECT count(*) FROM listings WHERE provider_id = :id AND is_active)"
    )
    async with database.read.connect() as connection:
        found = [
            tuple((await connection.execute(text(left), {"id": each.provider.id})).one()) for each in (gone, other)
        ]
    assert found[0] == (None, 0, 0, 0, 0)
    assert found[1][1:] == (1, 1, 1, 1)
