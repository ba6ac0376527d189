"""The books of a month against the bookings themselves and against the provider, to the paisa."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.billing.ledger import entries
from domain.books.months import Month
from operations.book_files import Format
from operations.books import Bookkeeping, Made
from tests.operations.lives import CASES, WAYS, ZONE, Shop
from tests.operations.reading import rows_of, sum_of, workbook_sum

EVERY_WAY = len(WAYS) * len(CASES)
TABLES = ("b2b", "b2cl", "b2cs", "cdnr", "cdnur")


def months_around(now: datetime) -> list[Month]:
    """The month of the lives, or both at a turn of months."""
    ends = (now - timedelta(hours=6), now + timedelta(hours=1))
    return list(dict.fromkeys(Month(at.astimezone(ZONE).year, at.astimezone(ZONE).month) for at in ends))


@pytest.fixture(scope="module", params=[EVERY_WAY, pytest.param(200, marks=pytest.mark.long)])
async def lived(shop: Shop, request: pytest.FixtureRequest) -> Shop:
    """The lives of so many bookings, some of whose money is settled and some not yet."""
    lives: int = request.param
    chance = random.Random("books")
    began = datetime.now(UTC) - timedelta(hours=4)
    for number in range(lives):
        way, case = WAYS[number % len(WAYS)], CASES[number // len(WAYS) % len(CASES)]
        await shop.live(chance, began + timedelta(seconds=number), way, case)
        if number in (lives // 3, lives * 2 // 3):
            shop.sandbox.operate("POST", "settlements")
    await shop.books_fees()
    return shop


@pytest.fixture(scope="module")
async def made(lived: Shop, tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    keeper = Bookkeeping(lived.database, ZONE, lived.settlements)
    out = tmp_path_factory.mktemp("books")
    return [await keeper.books(month, out, Format.CSV) for month in months_around(datetime.now(UTC))]


def sheet(made: list[Made], name: str) -> list[dict[str, str]]:
    return [row for each in made for row in rows_of(each.place / f"{name}.csv")]


def tables(made: list[Made], name: str) -> list[dict[str, str]]:
    return [row for each in made for path in each.place.glob(f"gstr1-*/{name}.csv") for row in rows_of(path)]


async def test_every_sum_of_the_books_agrees_with_its_other_side(made: list[Made]):
    assert [each.wrong for each in made if each.wrong] == []
    assert sum(each.unmatched for each in made) == 0


async def test_the_registers_hold_every_document_that_the_bookings_know(lived: Shop, made: list[Made]):
    invoices = {each.number: each.total for life in lived.told for each in life.booking.invoices}
    notes = {each.number: each.amount for life in lived.told for each in life.booking.credit_notes}
    assert len(notes) > len(lived.told) // 10
    for name, known in (("sales", invoices), ("credit_notes", notes)):
        rows = sheet(made, name)
        assert {row["Number"]: sum_of([row], "Total") for row in rows} == known
        for row in rows:
            parts = sum_of([row], "Taxable value", "CGST", "SGST", "IGST", "Round-off")
            assert parts == known[row["Number"]]


async def test_the_ledger_holds_every_movement_of_the_bookings_and_the_fees_of_the_provider(
    lived: Shop, made: list[Made]
):
    moved = Counter[str]()
    for life in lived.told:
        moved.update({entry.kind: 0 for entry in entries(life.booking)})
        for entry in entries(life.booking):
            moved[entry.kind] += entry.amount
    captured = [p for p in lived.sandbox.operate("GET", "state")["payments"] if p["captured"]]
    moved["fee"] = -sum(payment["fee"] for payment in captured)
    written = Counter[str]()
    for row in sheet(made, "ledger"):
        written[row["Kind"]] += sum_of([row], "In") - sum_of([row], "Out")
    assert written == moved
    assert set(moved) == {"capture", "cash", "refund", "chargeback", "fee"}
    assert sum_of(sheet(made, "provider_fees"), "Fee with GST") == -moved["fee"]


async def test_settlements_are_those_of_the_provider_and_match_captures_refunds_and_disputes(
    lived: Shop, made: list[Made]
):
    state = lived.sandbox.operate("GET", "state")
    assert sum_of(sheet(made, "settlements"), "Paid to the bank") == sum(s["amount"] for s in state["settlements"])
    items = sheet(made, "settlement_items")
    assert {row["Found"] for row in items} == {"matched"}
    assert {row["What"] for row in items} == {"payment", "refund", "adjustment"}
    captured = sum(p["amount"] - p["fee"] for p in state["payments"] if p["captured"])
    refunded = sum(refund["amount"] for refund in state["refunds"] if refund["status"] == "processed")
    taken = sum(dispute["amount_deducted"] for dispute in state["disputes"])
    left = sum_of(sheet(made[-1:], "not_settled"), "Not settled")
    assert sum_of(items, "Credit") - sum_of(items, "Debit") + left == captured - refunded - taken
    assert left > 0


async def test_gstr_1_holds_each_document_once_in_its_table(made: list[Made]):
    sales, notes = sheet(made, "sales"), sheet(made, "credit_notes")
    business = {row["Number"] for row in sales if row["GSTIN of customer"]}
    large = {
        row["Number"]
        for row in sales
        if row["Supply"] == "inter-State" and not row["GSTIN of customer"] and sum_of([row], "Total") > 100_000_00
    }
    assert business
    assert large
    assert {row["Invoice Number"] for row in tables(made, "b2b")} == business
    assert {row["Invoice Number"] for row in tables(made, "b2cl")} == large
    assert {row["Note Number"] for row in tables(made, "cdnr")} == {
        row["Number"] for row in notes if row["GSTIN of customer"]
    }
    assert {row["Note Number"] for row in tables(made, "cdnur")} == {
        row["Number"] for row in notes if row["Against invoice"] in large
    }
    taxable = {name: sum_of(tables(made, name), "Taxable Value") for name in TABLES}
    sold = taxable["b2b"] + taxable["b2cl"] + taxable["b2cs"] - taxable["cdnr"] - taxable["cdnur"]
    assert sold == sum_of(sales, "Taxable value") - sum_of(notes, "Taxable value")
    by_sac = sum_of(tables(made, "hsn_b2b") + tables(made, "hsn_b2c"), "Taxable Value")
    assert by_sac == sold
    assert {row["Place Of Supply"] for row in tables(made, "b2cs")} == {"27-Maharashtra", "29-Karnataka"}
    assert sum(int(row["Total Number"]) for row in tables(made, "docs")) == len(sales) + len(notes)


async def test_a_workbook_has_the_same_numbers_as_numbers_and_the_same_bytes_again(
    lived: Shop, made: list[Made], tmp_path: Path
):
    month = made[-1].month
    keeper = Bookkeeping(lived.database, ZONE)
    first = await keeper.books(month, tmp_path / "first", Format.XLSX)
    again = await keeper.books(month, tmp_path / "again", Format.XLSX)
    assert first.digest == again.digest == made[-1].digest
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert len(files) == 2
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    shown = sum_of(rows_of(made[-1].place / "sales.csv"), "Total")
    assert workbook_sum(first.place, "sales", "Total") == shown


async def test_the_name_of_a_customer_is_never_a_formula(made: list[Made]):
    names = {row["Receiver Name"] for row in tables(made, "b2b")}
    assert names == {"'=Bengaluru Traders"}


async def test_books_of_one_kind_leave_the_account_at_the_provider_out(lived: Shop, made: list[Made], tmp_path: Path):
    month = made[-1].month
    own = await Bookkeeping(lived.database, ZONE).books(month, tmp_path, Format.CSV, "vehicle_service")
    assert own.wrong == []
    assert own.place.name == f"books-{month}-vehicle-service"
    assert not (own.place / "settlements.csv").exists()
    assert rows_of(own.place / "sales.csv") == rows_of(made[-1].place / "sales.csv")
    other = await Bookkeeping(lived.database, ZONE).books(month, tmp_path, Format.CSV, "table_reservation")
    assert rows_of(other.place / "ledger.csv") == []
