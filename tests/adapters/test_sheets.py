"""Reference data by file: judged whole, every fault by its place, taken in one transaction or not at all."""

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.postgres.database import Database
from domain.errors import Invalid
from kinds.vehicle_service.operations import OPERATIONS
from operations.sheets import files
from operations.sheets.loading import export_csv, export_file, load
from operations.sheets.report import Report

AREAS, CARS, SLOTS = (OPERATIONS.sheet(name) for name in ("areas", "cars", "timeslots"))
SERVICES, PRICES = OPERATIONS.sheet("services"), OPERATIONS.sheet("price_chart")
HEADING = list(SERVICES.columns)
MANY = (500, pytest.param(5_000, marks=pytest.mark.long))


@pytest.fixture
async def category(rows) -> int:
    added = "INSERT INTO service_categories (name) VALUES ('Wash') ON CONFLICT (name) DO UPDATE SET name = 'Wash'"
    return await rows.fetchval(f"{added} RETURNING id")


def csv_file(folder: Path, content: str) -> Path:
    (file := folder / "sheet.csv").write_text(content, encoding="utf-8")
    return file


def workbook(folder: Path, rows: Iterable[Iterable[Any]], name: str = "services") -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(list(row))
    book.save(file := folder / "sheet.xlsx")
    return file


def service(number: int, category: int, **other: Any) -> list[Any]:
    """A row of the sheet of services."""
    row = {"id": number, "title": f"Service {number}", "category_id": category, "time_hrs": 1.5, "difficulty": 2}
    row |= {"works": f"first {number}\nsecond, twice", "warranty_kms": 100, "warranty_months": 6, "sac": 998714}
    return [(row | other).get(name) for name in HEADING]


async def taken(database: Database, sheet: Any, file: Path, dry_run: bool = False) -> Report:
    async with database.write.begin() as connection:
        return await load(connection, sheet, file, dry_run)


async def exported(database: Database, sheet: Any) -> str:
    file = io.StringIO()
    async with database.read.connect() as connection:
        await export_csv(connection, sheet, file)
    return file.getvalue()


def counts(report: Report) -> tuple[int, int, int]:
    return report.count("added"), report.count("changed"), report.count("unchanged")


@pytest.mark.parametrize("many", MANY)
async def test_of_many_services_every_fault_is_named_and_without_them_all_are_in(
    database, rows, category, tmp_path, many: int
):
    first, blank, formula = 1_000, many * 8 // 10, many * 9 // 10
    good = [service(number, category) for number in range(first, first + many)]
    wrong = [[*HEADING, "colour"], *([*row] for row in good)]
    at = HEADING.index
    wrong[10][at("title")] = None
    wrong[20][at("difficulty")] = "hard"
    wrong[30][at("id")] = first  # as the first row
    wrong[40][at("category_id")] = 4711
    wrong[50][at("time_hrs")] = 0
    wrong[60][at("title")] = "x" * 201
    wrong[70][at("warranty_kms")] = "5000"
    wrong[80][at("warranty_months")] = date(2026, 12, 24)
    wrong.insert(blank, [])
    wrong[formula][at("time_hrs")] = "=1+1"
    report = await taken(database, SERVICES, workbook(tmp_path, wrong), dry_run=True)
    told = {(fault.row, fault.column[1] if fault.column else ""): fault.why for fault in report.faults}
    assert {place: why.split(":")[0].split(",")[0] for place, why in told.items()} == {
        (1, "colour"): "services has no such column",
        (11, "title"): "is empty",
        (21, "difficulty"): "must be a whole number",
        (31, "id"): "is row 2 again",
        (41, "category_id"): "service_categories has no row with id 4711",
        (51, "time_hrs"): "must be more than 0",
        (61, "title"): "is longer than 200 characters",
        (71, "warranty_kms"): "must be a whole number",
        (81, "warranty_months"): "must be a whole number",
        (blank + 1, ""): "is blank",
        (formula + 1, "time_hrs"): "holds a formula",
    }
    assert "row 71, column F (warranty_kms): must be a whole number, not '5000' (a number that is written as text)" in [
        *report.lines()
    ]
    assert [*report.lines()][-1] == f"services: 11 faults in 11 of {many} rows; nothing was written"
    assert await rows.fetchval("SELECT count(*) FROM services") == 0

    assert counts(await taken(database, SERVICES, workbook(tmp_path, [HEADING, *good]))) == (many, 0, 0)
    transactions = "SELECT count(DISTINCT xmin::text), count(*) FROM services"
    assert tuple(await rows.fetchrow(transactions)) == (1, many)

    before = await rows.fetch("SELECT *, xmin::text FROM services")
    async with database.read.connect() as connection:
        assert await export_file(connection, SERVICES, tmp_path / "again.xlsx") == many
    assert counts(await taken(database, SERVICES, tmp_path / "again.xlsx")) == (0, 0, many)
    assert await rows.fetch("SELECT *, xmin::text FROM services") == before
    await rows.execute("DELETE FROM services")


async def test_changed_rows_are_told_with_their_columns_and_new_ones_go_on_after_the_greatest_id(
    database, rows, category, tmp_path
):
    old = [service(number, category, title=f"Old {number}") for number in (20_001, 20_002)]
    await taken(database, SERVICES, workbook(tmp_path, [HEADING, *old]))
    changed = service(20_001, category, title="Snow wash", sac=9987, description="With snow.")
    new = service(0, category, title="New one", id=None)
    file = workbook(tmp_path, [HEADING, changed, old[1], new])
    dry = await taken(database, SERVICES, file, dry_run=True)
    assert (counts(dry), [*dry.lines()][-1]) == (
        (1, 1, 1),
        "services: 3 rows: 1 added, 1 changed, 1 unchanged; nothing was written",
    )
    assert await rows.fetchval("SELECT title FROM services WHERE id = 20001") == "Old 20001"
    report = await taken(database, SERVICES, file)
    assert (counts(report), [*report.lines()][-1]) == (
        (1, 1, 1),
        "services: 3 rows: 1 added, 1 changed, 1 unchanged",
    )
    assert "row 2: changed 20001: title, description, sac" in [*report.lines()]
    assert await rows.fetchval("SELECT id FROM services WHERE title = 'New one'") == 20_003
    assert [line[:3] for line in report.every_row()] == [
        (2, "changed", "20001"),
        (3, "unchanged", "20002"),
        (4, "added", ""),
    ]


async def test_columns_that_a_file_does_not_have_stay_and_an_empty_cell_is_the_default(
    database, rows, category, tmp_path
):
    await taken(database, SERVICES, workbook(tmp_path, [HEADING, service(21_001, category, title="Whole", sac=1234)]))
    assert counts(await taken(database, SERVICES, csv_file(tmp_path, "id,warranty_kms\n21001,7\n"))) == (0, 1, 0)
    kept = "SELECT title, sac, warranty_kms FROM services WHERE id = 21001"
    assert tuple(await rows.fetchrow(kept)) == ("Whole", "1234", 7)
    assert counts(await taken(database, SERVICES, csv_file(tmp_path, "id,sac,title\n21001,,Whole\n"))) == (0, 1, 0)
    assert tuple(await rows.fetchrow(kept)) == ("Whole", "998714", 7)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,pincode\nAundh,411007\nBaner,nowhere", "row 3, column B (pincode): has not the form"),
        ("name,pincode\nAundh,411007\naundh,411007", "row 3, column A (name): is the same as in row 2: name aundh"),
        ("name,pincode\nAundh,411007,nobody", "row 2, column C (no name): stands beside the columns of the heading"),
        ("name,name,pincode\nAundh,x,411007", "row 1, column B (name): is there twice"),
        ("name\nAundh", "row 1: the column pincode is missing: new rows need it"),
        ("name,pincode\nA\u202eundh,411007", "row 2, column A (name): the invisible character U+202E is not allowed"),
        ("id,name,pincode\n2000000000,Aundh,411007", "row 2, column A (id): must be 1000000000 or less"),
        ("name,pincode\nAundh,411007\n\nBaner,411045", "row 3: is blank"),
    ],
)
async def test_a_file_with_a_fault_is_refused_whole(database, rows, tmp_path, content: str, told: str):
    before = await rows.fetch("SELECT * FROM areas")
    report = await taken(database, AREAS, csv_file(tmp_path, content))
    assert [line for line in report.lines() if line.startswith(told)], [*report.lines()]
    assert await rows.fetch("SELECT * FROM areas") == before


async def test_a_row_that_is_there_under_another_id_is_a_fault(database, rows, tmp_path):
    there = await rows.fetchval("INSERT INTO areas (name, pincode) VALUES ('Warje', '411058') RETURNING id")
    report = await taken(database, AREAS, csv_file(tmp_path, "name,pincode\nWARJE,411058\n"))
    assert str(report.faults[0]) == (
        f"row 2, column A (name): there is such a row already, with id {there}: name WARJE, pincode 411058"
    )


async def test_what_only_a_constraint_of_the_table_knows_is_told_by_its_row_too(database, tmp_path):
    wrong = "name,start_time,end_time,capacity\nEarly,06:00,07:00,3\nBackwards,09:00,08:00,3\nSlow,8:00,9.30,3\n"
    report = await taken(database, SLOTS, csv_file(tmp_path, wrong))
    assert [(fault.row, fault.column and fault.column[1]) for fault in report.faults] == [
        (3, "start_time"),
        (4, "start_time"),
        (4, "end_time"),
    ]
    assert "is not allowed: start_time < end_time" in report.faults[0].why


async def test_prices_are_whole_paise_within_their_bounds(database, tmp_path):
    wrong = "service_id,car_class_id,price\n1,1,-1\n1,2,10.5\n1,3,1000000000000\n1,4,0x10\n"
    report = await taken(database, PRICES, csv_file(tmp_path, wrong))
    assert {fault.row for fault in report.faults if fault.column == (3, "price")} == {2, 3, 4, 5}


async def test_a_text_that_looks_like_a_formula_is_none_in_either_file_and_comes_back_as_it_was(
    database, rows, category, tmp_path
):
    evil = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", "'=1", "'quoted", "_x000D_ is text", "two\r\nlines"]
    for number, text in enumerate(evil, start=22_001):
        await rows.execute(
            "INSERT INTO services (id, title, description, category_id, time_hrs, difficulty)"
            " VALUES ($1, $2, $3, $4, 1, 1)",
            number,
            f"Evil {number}",
            text,
            category,
        )
    before = await rows.fetch("SELECT *, xmin::text FROM services ORDER BY id")
    content = await exported(database, SERVICES)
    assert not [line for line in content.splitlines() if ",=" in line or ",+" in line or ",-" in line or ",@" in line]
    assert taken_unchanged(await taken(database, SERVICES, csv_file(tmp_path, content)))
    async with database.read.connect() as connection:
        await export_file(connection, SERVICES, file := tmp_path / "evil.xlsx")
    cells = [cell for row in openpyxl.load_workbook(file).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}
    assert taken_unchanged(await taken(database, SERVICES, file))
    assert await rows.fetch("SELECT *, xmin::text FROM services ORDER BY id") == before


def taken_unchanged(report: Report) -> bool:
    return not report.faults and counts(report)[:2] == (0, 0)


async def test_a_workbook_may_have_more_sheets_if_one_has_the_name(database, rows, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "notes"
    for row in (["name", "pincode"], ["Hadapsar", 411028]):
        book.create_sheet("areas") if "areas" not in book.sheetnames else None
        book["areas"].append(row)
    book.save(file := tmp_path / "two.xlsx")
    assert counts(await taken(database, AREAS, file)) == (1, 0, 0)
    assert await rows.fetchval("SELECT pincode FROM areas WHERE name = 'Hadapsar'") == "411028"
    with pytest.raises(Invalid, match="the workbook has no sheet cars, only notes, areas"):
        await taken(database, CARS, file)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"name,pincode\nK\xf6thrud,411038\n", "line 2 is not UTF-8"),
        (b'name,pincode\n"Aundh"x,411007\n', "line 2 is no CSV"),
        (b"\n", "the first row has no names of columns"),
        (b"PK\x03\x04 and then nothing", "the workbook cannot be read"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(database, tmp_path, content: bytes, why: str):
    (file := tmp_path / "broken").write_bytes(content)
    with pytest.raises(Invalid, match=why):
        await taken(database, AREAS, file)


async def test_files_have_bounds(database, tmp_path, monkeypatch):
    file = csv_file(tmp_path, "name,pincode\n" + "Aundh,411007\n" * 12)
    book = workbook(tmp_path, [["name", "pincode"], *[["Aundh", 411007]] * 12], "areas")
    monkeypatch.setattr(files, "MOST_ROWS", 10)
    for each in (file, book):
        with pytest.raises(Invalid, match="more than 10 rows"):
            await taken(database, AREAS, each)
    monkeypatch.setattr(files, "MOST_BYTES_UNPACKED", 1_000)
    with pytest.raises(Invalid, match=r"bytes unpacked; at most 1,000 are read"):
        await taken(database, AREAS, book)
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(Invalid, match=r"at most 10 are read"):
        await taken(database, AREAS, file)
