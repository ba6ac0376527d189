"""What operators ask of the database: contradictions, first steps, reference data as CSV."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import settings
from kinds.vehicle_service.operations import OPERATIONS
from operations import __main__ as main

AREAS, SERVICES = OPERATIONS.sheet("areas"), OPERATIONS.sheet("services")


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


async def test_a_new_database_says_what_is_missing_before_the_first_booking(command: Command, tmp_path: Path):
    code, told = await command("first-steps")
    assert (code, told.splitlines()[0]) == (1, "vehicle_service:")
    assert "  no admin can log in: make one with `revcare add-admin`, and open the link that it prints" in told
    assert "  no area is served" in told
    areas = tmp_path / "areas.csv"
    areas.write_text("name,pincode\nKothrud,411038\n")
    assert await command("import", "vehicle-service", "areas", str(areas)) == (
        0,
        "areas: 1 rows: 1 added, 0 changed, 0 unchanged\n",
    )
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
    code, told = await command("migrate", "--check")
    assert (code, told) == (0, "the schemas are as the code expects\n"), told


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


async def test_sheets_are_listed_and_a_wrong_name_is_refused_with_those_there_are(command: Command):
    code, told = await command("sheets")
    assert (code, "vehicle-service areas: id, name, pincode" in told.splitlines()) == (0, True)
    assert (await command("export", "vehicle-service", "areas"))[1].startswith("id,name,pincode")
    code, told = await command("export", "vehicle-service", "users")
    assert (code, "vehicle_service has no sheet users; there are: areas, timeslots" in told) == (2, True)


async def test_a_file_is_judged_and_taken_by_command_and_every_sheet_comes_back_as_it_was(
    command: Command, rows, tmp_path: Path
):
    await rows.execute("INSERT INTO timeslots (id, name, start_time, end_time) VALUES (91, 'Dusk', '18:00', '00:00')")
    week, report = tmp_path / "week.csv", tmp_path / "report.csv"
    asked = ("import", "vehicle-service", "opening_days", str(week), "--report", str(report))
    week.write_text("weekday,opens,closes\n1,08:00,00:00\n8,09:00,17:00\n")
    code, told = await command(*asked)
    assert (code, told.splitlines()) == (
        1,
        [
            "row 3, column A (weekday): must be 7 or less",
            "opening_days: 1 faults in 1 of 2 rows; nothing was written",
        ],
    )
    assert report.read_text().splitlines() == ["row,what,where,told", "3,fault,column A (weekday),must be 7 or less"]
    week.write_text("weekday,opens,closes\n1,08:00,00:00\n7,09:00,17:00\n")
    code, told = await command(*asked, "--dry-run")
    assert (code, told) == (0, "opening_days: 2 rows: 2 added, 0 changed, 0 unchanged; nothing was written\n")
    assert await command(*asked) == (0, "opening_days: 2 rows: 2 added, 0 changed, 0 unchanged\n")
    assert report.read_text().splitlines()[1:] == ["2,added,1,", "3,added,7,"]
    for sheet in OPERATIONS.sheets:
        for ending in ("csv", "xlsx"):
            file = str(tmp_path / f"{sheet.table.name}.{ending}")
            code, told = await command("export", "vehicle-service", sheet.table.name, file)
            many = told.partition(" ")[0]
            again = f"{sheet.table.name}: {many} rows: 0 added, 0 changed, {many} unchanged\n"
            assert await command("import", "vehicle-service", sheet.table.name, file) == (0, again)
    await rows.execute("DELETE FROM opening_days")


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


@pytest.mark.parametrize("database", ["nowhere", "postgres"])
async def test_a_database_that_is_away_or_has_no_tables_is_told_in_a_line(command, monkeypatch, postgres, database):
    server = postgres.rpartition("/")[0] if database == "postgres" else "postgresql://127.0.0.1:1"
    monkeypatch.setenv("POSTGRESQL_URL", f"{server}/{database}")
    words = {"nowhere": "PostgreSQL does not answer: ", "postgres": "the schema is behind ("}[database]
    for verb in ("first-steps", "checks", "migrate --check") if database == "nowhere" else ("first-steps", "checks"):
        code, said = await command(*verb.split())
        assert (code > 0, said.count("\n"), said.startswith(words)) == (True, 1, True), said


async def test_a_command_that_needs_temporal_says_in_a_line_that_it_does_not_answer(command, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    for verb in ("recovery", "reconcile"):
        code, said = await command(verb)
        assert (code > 0, said.count("\n")) == (True, 1)
        assert "Temporal does not answer at 127.0.0.1:1: " in said
