"""What operators ask of the database: contradictions, first steps, reference data as CSV."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog

import settings
from kinds.vehicle_service.operations import OPERATIONS
from operations import __main__ as main
from tests.said import said

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
        return code, "".join(said(capsys))

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


async def test_what_bookings_of_other_tests_log_meanwhile_was_not_said_by_a_command(capsys: pytest.CaptureFixture[str]):
    print("one line")
    structlog.get_logger("worker.activities").info("done", activity="fetch_refund", booking_id=5008, ms=0.9)
    print("another")
    assert said(capsys) == ("one line\nanother\n", "")


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


async def test_a_file_is_judged_and_taken_by_command_and_comes_back_as_it_was(command: Command, rows, tmp_path: Path):
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
    again = str(tmp_path / "again.xlsx")
    assert await command("export", "vehicle-service", "opening_days", again) == (0, "2 rows\n")
    code, told = await command("import", "vehicle-service", "opening_days", again)
    assert (code, told) == (0, "opening_days: 2 rows: 0 added, 0 changed, 2 unchanged\n")


async def test_the_files_of_a_folder_are_taken_together_or_not_at_all(command: Command, rows, tmp_path: Path):
    folder = tmp_path / "sheets"
    folder.mkdir()
    asked = ("import-all", "vehicle-service", str(folder))
    assert (await command(*asked))[0] == 2
    (folder / "areas.csv").write_text("name,pincode\nWarje,411058\n")
    (folder / "service_categories.csv").write_text("id,name,description\n771,Glass,Panes and mirrors\n772,,\n")
    (folder / "services.csv").write_text(
        "id,title,description,category_id,time_hrs,difficulty\n771,Windscreen,A new one.,771,2,3\n"
    )
    code, told = await command(*asked)
    assert (code, told.splitlines()) == (
        1,
        [
            "areas: 1 rows: 1 added, 0 changed, 0 unchanged; nothing was written",
            "service_categories row 3, column B (name): is empty, and has to have a value",
            "service_categories: 1 faults in 1 of 2 rows; nothing was written",
            "services: not judged, for it names a sheet with faults",
        ],
    )
    (folder / "service_categories.csv").write_text("id,name,description\n771,Glass,Panes and mirrors\n")
    for words, written in ((("--dry-run",), 0), ((), 1)):
        code, told = await command(*asked, *words)
        assert (code, [line.partition(";")[0] for line in told.splitlines()]) == (
            0,
            [
                f"{name}: 1 rows: 1 added, 0 changed, 0 unchanged"
                for name in ("areas", "service_categories", "services")
            ],
        )
        assert await rows.fetchval("SELECT count(*) FROM services WHERE id = 771") == written
    (folder / "users.csv").write_text("id\n1\n")
    code, told = await command(*asked)
    assert (code, "users.csv is of no sheet; there are: areas" in told) == (2, True)


@pytest.mark.parametrize("words", [(), ("--xlsx",)], ids=["CSV", "XLSX"])
async def test_every_sheet_that_is_exported_changes_nothing_when_it_is_imported_again(
    command: Command, rows, tmp_path: Path, words: tuple[str, ...]
):
    await rows.execute(
        "INSERT INTO opening_days VALUES (1, '08:00', '00:00'), (7, '09:00', '17:00') ON CONFLICT DO NOTHING;"
        "INSERT INTO timeslots (id, name, start_time, end_time) VALUES (91, 'Dusk', '18:00', '00:00')"
        " ON CONFLICT DO NOTHING"
    )
    folder = str(tmp_path / "all")
    code, told = await command("export-all", "vehicle-service", folder, *words)
    names = [sheet.table.name for sheet in OPERATIONS.sheets]
    assert (code, re.findall(r"^(\w+): \d+ rows$", told, re.MULTILINE)) == (0, names), told
    code, told = await command("import-all", "vehicle-service", folder)
    unchanged = r"^(\w+): (\d+) rows: 0 added, 0 changed, \2 unchanged$"
    assert (code, [name for name, _ in re.findall(unchanged, told, re.MULTILINE)]) == (0, names), told
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
