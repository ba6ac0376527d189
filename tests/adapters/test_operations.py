"""What operators ask of the database: contradictions, first steps, reference data as CSV."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import settings
from adapters.postgres.database import Database
from domain.errors import Invalid
from kinds.vehicle_service.operations import OPERATIONS
from operations import __main__ as main
from operations import sheets
from settings import Stores
from tests.rows import connect

AREAS, SERVICES = OPERATIONS.sheet("areas"), OPERATIONS.sheet("services")


@pytest.fixture
async def rows(postgres: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await connect(postgres)
    yield connection
    await connection.close()


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), OPERATIONS.storage.schema)
    yield database
    await database.close()


Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(postgres: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs a command; answers its exit code and what it said."""
    monkeypatch.setenv("POSTGRESQL_URL", postgres)
    monkeypatch.setenv("REVCARE_ENVIRONMENT", "development")
    settings.load.cache_clear()

    async def run(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main.run, words)
        told = capsys.readouterr()
        return code, told.out + told.err

    yield run
    settings.load.cache_clear()


async def imported(database: Database, sheet: Any, content: str) -> int:
    async with database.write.begin() as connection:
        return await sheets.load(connection, sheet, content.splitlines())


async def exported(database: Database, sheet: Any) -> str:
    file = io.StringIO()
    async with database.read.connect() as connection:
        await sheets.export(connection, sheet, file)
    return file.getvalue()


async def test_a_new_database_says_what_is_missing_before_the_first_booking(command: Command, tmp_path: Path):
    code, told = await command("first-steps")
    assert (code, told.splitlines()[0]) == (1, "vehicle_service:")
    assert "  no admin can log in: make one with `revcare add-admin`, and open the link that it prints" in told
    assert "  no area is served" in told
    areas = tmp_path / "areas.csv"
    areas.write_text("name,pincode\nKothrud,411038\n")
    assert await command("import", "vehicle-service", "areas", str(areas)) == (0, "1 rows\n")
    code, told = await command("first-steps")
    assert (code, "no area" in told) == (1, False)


async def test_the_first_admin_gets_a_link_to_choose_a_password(command: Command, rows):
    who = ("--name", "Meera Kulkarni", "--phone", "9841385379", "--email", "meera@example.com")
    code, told = await command("add-admin", "vehicle-service", *who)
    assert (code, told.partition(" ")[0], "/password#token=" in told) == (0, "ADM000001", True)
    assert await rows.fetchval("SELECT name FROM users WHERE id = 'ADM000001'") == "Meera Kulkarni"
    code, told = await command("add-admin", "--kind", "vehicle-service", *who)
    assert (code, "same phone" in told or "same email" in told) == (2, True)


async def test_a_schema_that_is_the_newest_is_said_to_be_so(command: Command):
    assert await command("migrate", "--check") == (0, "the schemas are as the code expects\n")


async def test_rows_that_contradict_each_other_are_found_with_what_it_means(command: Command, rows):
    code, told = await command("checks")
    assert code == 0, told
    assert {line.rpartition(": ")[2] for line in told.splitlines()} == {"nothing found"}
    await rows.execute("INSERT INTO timeslots (id, name, start_time, end_time) VALUES (90, 'Dawn', '05:00', '06:00')")
    await rows.execute("INSERT INTO slot_usage (on_date, timeslot_id, used) VALUES ('2026-12-01', 90, 3)")
    code, told = await command("checks")
    assert code == 1
    assert "vehicle_service slots: 1 found: a timeslot counts more or fewer places than bookings hold" in told
    assert "  day 2026-12-01, timeslot 90, counted 3, reserved 0" in told
    await rows.execute("DELETE FROM slot_usage")


async def test_an_exported_sheet_is_read_back_as_it_was_with_what_was_changed(database: Database, rows):
    await rows.execute("INSERT INTO service_categories (id, name) VALUES (1, 'Wash')")
    await rows.execute(
        "INSERT INTO services (id, title, category_id, works, time_hrs, difficulty)"
        " VALUES (7, 'Foam wash', 1, ARRAY['rinse', 'foam, twice'], 1.5, 2)"
    )
    before, content = await rows.fetch("SELECT * FROM services"), await exported(database, SERVICES)
    assert await imported(database, SERVICES, content) == 1
    assert await rows.fetch("SELECT * FROM services") == before
    assert await imported(database, SERVICES, content.replace("Foam wash", "Snow wash")) == 1
    assert await rows.fetchval("SELECT title FROM services WHERE id = 7") == "Snow wash"
    new = "title,category_id,time_hrs,difficulty\nPolish,1,2,3\n"
    assert await imported(database, SERVICES, new) == 1
    assert await rows.fetchval("SELECT id FROM services WHERE title = 'Polish'") == 8


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("name,pincode\nAundh,411007\nBaner,nowhere", "line 3: .*pincode_shape"),
        ("name,pincode,mayor\nAundh,411007,nobody", "areas has no mayor, only id, name, pincode"),
        ("name,pincode\nAundh,411007,nobody", "more fields than the heading: nobody"),
    ],
)
async def test_a_file_with_a_fault_is_refused_whole(database: Database, rows, content: str, why: str):
    before = await rows.fetch("SELECT * FROM areas")
    with pytest.raises(Invalid, match=why):
        await imported(database, AREAS, content)
    assert await rows.fetch("SELECT * FROM areas") == before


async def test_sheets_are_listed_and_a_wrong_name_is_refused_with_those_there_are(command: Command):
    code, told = await command("sheets")
    assert (code, "vehicle-service areas: id, name, pincode" in told.splitlines()) == (0, True)
    assert (await command("export", "vehicle-service", "areas"))[1].startswith("id,name,pincode")
    code, told = await command("export", "vehicle-service", "users")
    assert (code, "vehicle_service has no sheet users; there are: areas, timeslots" in told) == (2, True)


async def test_bookings_are_paused_until_a_time_and_taken_again(command: Command):
    code, told = await command("pause", "bookings", "--until", "2h", "--reason", "we move")
    assert (code, told.startswith("bookings: we take no new bookings until ")) == (0, True)
    code, told = await command("pause", "payments")
    assert (code, [line.partition(":")[0] for line in told.splitlines()]) == (0, ["bookings", "payments"])
    assert (await command("resume", "bookings"))[1] == "bookings go on\n"
    assert (await command("pauses"))[1].startswith("payments: we take no new payments online for the time being; ")
    assert (await command("resume"))[1] == "payments go on\n"
    assert (await command("pauses"), await command("resume")) == (
        (0, "nothing is paused\n"),
        (0, "nothing was paused\n"),
    )
    code, told = await command("pause", "bookings", "--until", "yesterday")
    assert (code, told) == (2, "'yesterday' is no time: write 2026-12-24T18:00, or 90m, 2h, 3d\n")
    assert (await command("pause", "everything"))[0] == 2


async def test_a_command_that_needs_temporal_says_in_a_line_that_it_does_not_answer(command, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    for verb in ("recovery", "reconcile"):
        code, said = await command(verb)
        assert (code > 0, said.count("\n")) == (True, 1)
        assert "Temporal does not answer at 127.0.0.1:1: " in said
