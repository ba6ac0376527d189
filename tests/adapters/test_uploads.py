"""Pictures that nothing names go after a day, with their files; what anything names stays, also in the last moment."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.images.uploads import new_name
from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.uploads import (
    UnnamedPictures,
    add_upload,
    keep_another_day,
    name_pictures,
    pictures_in,
)
from settings import Stores

OLD, YOUNG = timedelta(hours=25), timedelta(hours=23)
_AGE = "UPDATE uploads SET uploaded_at = now() - CAST(:age AS interval) WHERE name = :name"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), PUBLIC)
    yield database
    await database.close()


async def uploaded(database: Database, folder: Path, age: timedelta) -> str:
    name = new_name("jpg")
    await add_upload(database, name)
    (folder / name).write_bytes(b"x")
    async with database.read.connect() as connection:
        await connection.execute(text(_AGE), {"age": age, "name": name})
    return name


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def named(database: Database, *names: str) -> set[str]:
    async with database.write.begin() as connection:
        return await name_pictures(connection, names)


async def rows(database: Database) -> set[str]:
    async with database.read.connect() as connection:
        return set((await connection.execute(text("SELECT name FROM uploads"))).scalars())


async def somebody_waits(database: Database) -> None:
    async with asyncio.timeout(10), database.read.connect() as connection:
        while not (await connection.execute(text(_WAITING))).scalar():  # noqa: ASYNC110 - a lock rings no bell
            await asyncio.sleep(0.02)


async def test_what_nothing_has_named_within_a_day_goes_with_its_file(database: Database, tmp_path: Path):
    unnamed, in_a_report, in_an_open_form = [await uploaded(database, tmp_path, age) for age in (OLD, OLD, YOUNG)]
    from_before = new_name("png")
    (tmp_path / from_before).write_bytes(b"x")
    assert await named(database, in_a_report) == set()
    assert await UnnamedPictures(database, tmp_path).remove() == 1
    assert files(tmp_path) == {in_a_report, in_an_open_form, from_before}
    assert await rows(database) >= {in_a_report, in_an_open_form}
    assert await named(database, unnamed, from_before, in_an_open_form) == {unnamed, from_before}


async def test_what_a_command_is_going_to_name_has_another_day(database: Database, tmp_path: Path):
    name = await uploaded(database, tmp_path, OLD)
    async with database.read.connect() as connection:
        assert await keep_another_day(connection, [name]) == set()
    assert await UnnamedPictures(database, tmp_path).remove() == 0
    assert (tmp_path / name).exists()


async def test_whoever_names_a_picture_in_the_moment_of_its_removal_keeps_it_or_finds_it_gone(
    database: Database, tmp_path: Path
):
    first, second = [await uploaded(database, tmp_path, OLD) for _ in range(2)]
    job = UnnamedPictures(database, tmp_path)
    async with database.write.begin() as naming:
        await name_pictures(naming, [first])
        assert await job.remove() == 1
    assert [(tmp_path / name).exists() for name in (first, second)] == [True, False]

    third = await uploaded(database, tmp_path, OLD)
    async with database.write.begin() as removing:
        await _removed(removing, third)
        late = asyncio.create_task(named(database, third))
        await somebody_waits(database)
    assert await late == {third}


async def test_a_worker_without_the_folder_removes_nothing(database: Database, tmp_path: Path):
    name = await uploaded(database, tmp_path, OLD)
    assert await UnnamedPictures(database, tmp_path / "nowhere").remove() == 0
    assert name in await rows(database)


def test_a_name_is_found_in_whatever_says_it():
    name = f"{secrets.token_hex(16)}.webp"
    for said in (
        f"/uploads/{name}",
        f'{{"images": ["\\/uploads\\/{name}"]}}',
        f"see https://x.example/uploads/{name}?a",
    ):
        assert pictures_in(said) == [name]
    assert pictures_in("/uploads/nothing.png and abc.jpg") == []


async def _removed(connection: AsyncConnection, name: str) -> None:
    await connection.execute(text("DELETE FROM uploads WHERE name = :name"), {"name": name})
