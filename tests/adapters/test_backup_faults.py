"""What a restore leaves behind when it is hit at its worst moments, and what the programs it runs get to see.

A backup with its restore takes three seconds of the processor: in ``make test`` the faults of a switch hit one after
the other, what else may follow each of them is in ``make test-long``.
"""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.backup.archive import Archive
from adapters.backup.creator import Creator
from adapters.backup.mongodb import MongoBackup
from adapters.backup.programs import Programs, libpq
from adapters.backup.restorer import Restorer
from adapters.backup.staging import Migrations, Staging
from adapters.backup.switch import Switch
from adapters.postgres.database import asynchronous
from devstack.parts.postgres import binaries
from devstack.stack import Stack
from domain.backups import BackupInput, RestoreInput
from domain.errors import Conflict, DamagedBackup
from migrations.command import revisions, upgrade
from migrations.schemas import schemas
from migrations.streams import streams
from tests.rows import connect


class Broken(Exception):
    """What hits."""


MIGRATIONS = Migrations(upgrade, revisions, schemas())


def back_by_one(connection: Connection) -> None:
    """The kind's own tables as the release before had them."""
    stream = streams()[-1]
    stream.run(connection, lambda revision, _: stream.script._downgrade_revs("-1", revision))


class Ground:
    """Two real stores with one row and one document each to look at, and a archive."""

    def __init__(self, url: str, database: Any, rows: "asyncpg.Connection[Any]", folder: Path) -> None:
        self.url, self.database, self.rows = url, database, rows
        self.archive, self.documents = Archive(folder), MongoBackup(database)
        self.programs = Programs(url, binaries())
        self.creator = Creator(
            self.archive, self.programs, self.documents, url, MIGRATIONS, most_bytes=10**8, kept_for=None
        )

    def restorer(self, switch: Switch | None = None, documents: MongoBackup | None = None) -> Restorer:
        staging = Staging(self.url, self.programs, MIGRATIONS)
        return Restorer(
            self.archive, staging, switch or Switch(self.url, MIGRATIONS.schemas), documents or self.documents
        )

    async def write(self, word: str) -> None:
        await self.rows.execute("UPDATE areas SET name = $1", word)
        await self.database["content"].replace_one({"content_id": "home"}, {"content_id": "home", "data": word})

    async def read(self) -> tuple[str, str]:
        document = await self.database["content"].find_one({"content_id": "home"})
        return await self.rows.fetchval("SELECT name FROM areas"), document["data"]

    async def migrated(self, how: Callable[[Connection], Any]) -> None:
        """The live schema, up or down."""
        engine = create_async_engine(asynchronous(self.url), poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(how)
        await engine.dispose()

    async def revisions(self) -> str:
        """Where the streams are."""
        engine = create_async_engine(asynchronous(self.url), poolclass=NullPool)
        async with engine.connect() as connection:
            at = await connection.run_sync(revisions)
        await engine.dispose()
        return at

    async def backed_up(self) -> RestoreInput:
        """Everything says "then" in the backup and "now" in the stores."""
        await self.write("then")
        backup = f"backup-20261124T061109Z-{uuid.uuid4().hex[:8]}"
        await self.creator.make(BackupInput(backup), lambda _: None)
        await self.write("now")
        return RestoreInput(f"restore-20261124T090000Z-{uuid.uuid4().hex[:8]}", backup, backup)

    async def staged(self) -> RestoreInput:
        """The same, and the restore is prepared."""
        given = await self.backed_up()
        await self.restorer().stage(given, lambda _: None)
        return given


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of documents alone."""
    with Stack(tmp_path_factory.mktemp("documents"), parts={"mongodb"}, discard=True) as stack:
        yield stack.info["mongodb"]


@pytest.fixture
async def ground(postgres: str, documents: str, tmp_path: Path) -> AsyncIterator[Ground]:
    client: Any = AsyncIOMotorClient(documents, tz_aware=True)
    database = client.get_default_database()
    rows = await connect(postgres)
    await rows.execute("DELETE FROM areas")
    await rows.execute("INSERT INTO areas (name, pincode) VALUES ('then', '411001')")
    await database["content"].drop()
    await database["content"].create_index("content_id", unique=True)
    await database["content"].insert_one({"content_id": "home", "data": "then"})
    yield Ground(postgres, database, rows, tmp_path)
    await rows.close()
    client.close()


async def test_documents_of_every_kind_come_back_each_into_its_database(ground: Ground):
    tables = ground.database.client["tables_of_the_backup"]
    await tables["content"].drop()
    await tables["content"].insert_one({"content_id": "home", "data": "tables then"})
    documents = MongoBackup(ground.database, {"tables": tables})
    file = ground.archive.folder / "documents"
    file.parent.mkdir(exist_ok=True)
    known = await documents.export(file)
    assert {"content", "tables.content"} <= known["collections"].keys()
    await ground.write("now")
    await tables["content"].update_one({}, {"$set": {"data": "tables now"}})
    with pytest.raises(Conflict, match="does not serve: tables"):
        await ground.documents.stage(file, known)
    await documents.stage(file, known)
    assert not await documents.is_switched()
    await documents.forward()
    assert (await ground.read())[1] == "then"
    assert (await tables["content"].find_one({"content_id": "home"}))["data"] == "tables then"
    assert await documents.counts(["content", "tables.content"]) == {"content": 1, "tables.content": 1}
    await documents.back()
    assert (await tables["content"].find_one({"content_id": "home"}))["data"] == "tables now"
    await documents.clear()
    assert await tables.list_collection_names() == ["content"]


class KilledBetweenNames(MongoBackup):
    """Gone after the live collection lost its name."""

    async def forward(self) -> None:
        await self._database["content"].rename("restoring_old_content")
        raise Broken

    async def back(self) -> None:
        raise Broken


class CommitLost(Switch):
    """The documents have changed names, and then the commit does not come."""

    async def run(self, *, beside: Any, **given: Any) -> Any:
        async def then_break(left: Any) -> None:
            await beside(left)
            raise Broken

        return await super().run(beside=then_break, **given)


class ResetRequest(Restorer):
    """The commit came, and then the process is gone before it could say so."""

    async def _complete(self, given: Any, done: Any) -> Any:
        raise Broken


async def test_whatever_hits_a_switch_the_next_attempt_goes_on_from_there_and_nothing_is_done_twice(ground: Ground):
    """Every attempt finds everything prepared; half a change of names is undone by whoever comes next, a commit that
    nobody heard of is found, and what was backed up comes back with its indexes."""
    given = await ground.staged()
    switch = Switch(ground.url, MIGRATIONS.schemas)
    assert await ground.read() == ("now", "now")
    with pytest.raises(Broken):
        await ground.restorer(documents=KilledBetweenNames(ground.database)).switch(given, lambda _: None)
    with pytest.raises(Broken):
        await ground.restorer(CommitLost(ground.url, MIGRATIONS.schemas)).switch(given, lambda _: None)
    assert await ground.read() == ("now", "now")
    staging = Staging(ground.url, ground.programs, MIGRATIONS)
    with pytest.raises(Broken):
        await ResetRequest(ground.archive, staging, switch, ground.documents).switch(given, lambda _: None)
    assert await ground.read() == ("then", "then")
    assert (await ground.database["content"].index_information())["content_id_1"]["unique"]
    await ground.write("later")
    done = await ground.restorer().switch(given, lambda _: None)
    assert (done.rows["vehicle_service.areas"], done.documents["content"]) == (1, 1)
    await ground.restorer().clear(given)
    assert await ground.read() == ("later", "later")
    assert (ground.archive.noted(given.name) or {})["state"] == "complete"


@pytest.mark.long
async def test_a_commit_that_nobody_heard_of_is_found_by_whoever_tidies_up(ground: Ground):
    given = await ground.staged()
    staging, switch = Staging(ground.url, ground.programs, MIGRATIONS), Switch(ground.url, MIGRATIONS.schemas)
    with pytest.raises(Broken):
        await ResetRequest(ground.archive, staging, switch, ground.documents).switch(given, lambda _: None)
    await ground.write("later")
    await ground.restorer().clear(given)
    assert await ground.read() == ("later", "later")
    assert (ground.archive.noted(given.name) or {})["state"] == "complete"


@pytest.mark.long
@pytest.mark.parametrize("next_step", ["clear", "another restore"])
async def test_half_a_change_of_names_is_undone_by_whoever_comes_next(ground: Ground, next_step: str):
    given = await ground.staged()
    with pytest.raises(Broken):
        await ground.restorer(documents=KilledBetweenNames(ground.database)).switch(given, lambda _: None)
    if next_step == "clear":
        await ground.restorer().clear(given)
    else:
        other = RestoreInput("restore-20261124T100000Z-00000001", given.postgresql_backup, given.mongodb_backup)
        await ground.restorer().stage(other, lambda _: None)
        assert (ground.archive.noted(given.name) or {})["state"] == "failed"
    assert await ground.read() == ("now", "now")


@pytest.mark.long
async def test_an_empty_database_is_filled_and_its_numbers_go_on_after_those_of_the_backup(ground: Ground):
    await ground.rows.execute("SELECT setval('booking_ids', 5000)")
    given = await ground.backed_up()
    await ground.rows.execute("DROP SCHEMA vehicle_service, public CASCADE")
    await ground.rows.execute("CREATE SCHEMA public")
    await ground.migrated(upgrade)
    await ground.restorer().stage(given, lambda _: None)
    await ground.restorer().switch(given, lambda _: None)
    await ground.restorer().clear(given)
    assert await ground.read() == ("then", "then")
    assert await ground.rows.fetchval("SELECT nextval('booking_ids')") == 5001


async def test_a_backup_of_an_older_release_is_migrated_on_its_way(ground: Ground):
    await ground.migrated(back_by_one)
    older = await ground.revisions()
    try:
        given = await ground.backed_up()
    finally:
        await ground.migrated(upgrade)
    assert (ground.archive.manifest(str(given.postgresql_backup)) or {})["schema"] == older
    await ground.restorer().stage(given, lambda _: None)
    await ground.restorer().switch(given, lambda _: None)
    await ground.restorer().clear(given)
    assert await ground.read() == ("then", "then")


@pytest.mark.long
async def test_a_backup_of_a_newer_release_is_refused(ground: Ground):
    ours = await ground.rows.fetchval("SELECT version_num FROM alembic_version")
    await ground.rows.execute("UPDATE alembic_version SET version_num = '9999'")
    try:
        given = await ground.backed_up()
    finally:
        await ground.rows.execute("UPDATE alembic_version SET version_num = $1", ours)
    with pytest.raises(Conflict, match="schema of this release"):
        await ground.restorer().stage(given, lambda _: None)
    assert await ground.read() == ("now", "now")


async def test_rows_that_are_not_those_of_the_manifest_are_refused(ground: Ground):
    given = await ground.backed_up()
    manifest = ground.archive.folder / str(given.postgresql_backup) / "backup.json"
    content = json.loads(manifest.read_text())
    content["tables"]["vehicle_service.areas"]["rows"] = 2
    manifest.write_text(json.dumps(content))
    with pytest.raises(DamagedBackup, match="areas"):
        await ground.restorer().stage(given, lambda _: None)
    assert await ground.read() == ("now", "now")


async def test_an_archive_may_not_unpack_to_more_than_was_packed(ground: Ground):
    given = await ground.backed_up()
    manifest = ground.archive.folder / str(given.mongodb_backup) / "backup.json"
    content = json.loads(manifest.read_text())
    content["documents"]["plain_size"] = 10
    manifest.write_text(json.dumps(content))
    with pytest.raises(DamagedBackup, match="more than"):
        await ground.restorer().stage(replace(given, postgresql_backup=None), lambda _: None)


class Full(MongoBackup):
    """Half of it is written, then there is no room."""

    async def export(self, target: Path) -> Any:
        target.write_bytes(b"half")  # noqa: ASYNC240
        raise OSError("no space left on device")


async def test_a_backup_that_breaks_leaves_no_half(ground: Ground):
    name = "backup-20261124T061109Z-4f2a91c0"
    broken = Creator(
        ground.archive, ground.programs, Full(None), ground.url, MIGRATIONS, most_bytes=10**8, kept_for=None
    )
    with pytest.raises(OSError, match="no space"):
        await broken.make(BackupInput(name), lambda _: None)
    assert sorted(each.name for each in ground.archive.folder.iterdir()) == ["notes"]
    await broken.note_failure(name, "no space left on device")
    assert (ground.archive.noted(name) or {})["error"] == "no space left on device"


async def test_the_list_of_processes_shows_no_password(tmp_path: Path):
    """A program in pg_dump's place writes down what it was called with."""
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\nenv > {tmp_path}/env\n')
    program.chmod(0o700)
    url = "postgresql://someone:se%40cret@db.example:5433/revcare?sslmode=require"
    await Programs(url, tmp_path).dump(tmp_path / "out", "00000003-1", lambda: None)
    assert "cret" not in (tmp_path / "words").read_text()
    env = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name: env[name] for name in libpq(url)} == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "someone",
        "PGPASSWORD": "se@cret",
        "PGDATABASE": "revcare",
        "PGSSLMODE": "require",
        "PGTZ": "UTC",
    }
    assert not {name for name in env if "SECRET" in name or "RAZORPAY" in name}
