"""The books of a month of local services: registers and GSTR-1 of the three tax cases, to the paisa."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from adapters.postgres.database import Database
from adapters.postgres.documents import DocumentRows
from domain.billing.provider import ProviderRefund
from domain.closing import due_document
from domain.commands import AdoptRefund
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import TaxCase
from operations.book_files import Format
from operations.books import UNREGISTERED, Bookkeeping, Made
from tests.adapters.test_invoices_facts import SUPPLIER
from tests.kinds.local_services.bookings import ADMIN, ASHA, HOUR, RAVI, Request
from tests.kinds.local_services.postgres.test_bookings import Pair, database
from tests.operations.reading import rows_of, sum_of
from tests.operations.test_books import months_around

__all__ = ["database"]

ZONE = ZoneInfo("Asia/Kolkata")
HIS_GSTIN = "29AAGCB7383J1Z4"
PRICE = 100_000
_AT_PROVIDER = re.compile(r'"((?:order|pay|trf|rfnd|rvrsl)_[A-Za-z0-9_]+)"')
_STATE = TypeAdapter(ServiceBooking)


class Life:
    """A booking of 1000.00 in one tax case, written by the product's stores with every paper that it owes."""

    def __init__(self, pair: Pair, case: TaxCase) -> None:
        self.pair, self.case, began = pair, case, datetime.now(UTC) - timedelta(hours=3)
        new = pair.request().booking
        times = {"starts_at": began + HOUR / 6, "created_at": began}
        self.request = Request(PRICE, id=new.id, listing=new.listing, **times).when(began)
        self.papers = DocumentRows(pair.database, LOCAL_SERVICES, lambda company: SUPPLIER, str(ZONE))

    @property
    def booking(self) -> ServiceBooking:
        return self.request.booking

    async def paid(self) -> "Life":
        await self.pair.store.open(self._stored, "open")
        gstin = HIS_GSTIN if self.case is TaxCase.PROVIDER else None
        self.request.accepted(tax_case=self.case, gst_percent=Decimal(18), provider_gstin=gstin).paid().paid_out()
        return await self.written()

    async def confirmed(self) -> "Life":
        self.request.when(self.booking.starts_at).asks(commands.Start(RAVI)).asks(commands.Complete(RAVI)).asks(
            commands.Confirm(ASHA)
        )
        return await self.written()

    async def written(self) -> "Life":
        """Money has moved and every paper is issued, as the rows have it."""
        self.request.refunded().paid_out()
        await self.pair.store.project(self._stored, None)
        while (due := due_document(LOCAL_SERVICES, self.booking)) is not None:
            self.request.asks(await self.papers.issue(self.booking.id, due))
            await self.pair.store.project(self._stored, None)
        return self

    @property
    def _stored(self) -> ServiceBooking:
        """With ids at the provider that no other booking has."""
        written = _STATE.dump_json(self.pair.theirs(self.request)).decode()
        return _STATE.validate_json(_AT_PROVIDER.sub(rf'"\1_{self.booking.id}"', written))


@pytest.fixture(scope="module")
async def lives(database: Database) -> dict[str, Life]:
    """One confirmed in each tax case; one cancelled for a quarter; one of which staff gave a part back afterwards."""

    async def life(case: TaxCase) -> Life:
        return await Life(await Pair(database).arrives(), case).paid()

    told = {str(case): await (await life(case)).confirmed() for case in TaxCase}
    told["cancelled"] = await life(TaxCase.PLATFORM)
    told["cancelled"].request.asks(commands.Cancel(ADMIN, fee_percent=25))
    told["by hand"] = await (await life(TaxCase.PLATFORM)).confirmed()
    told["by hand"].request.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", 20_000, "processed")))
    return {name: await each.written() for name, each in told.items()}


@pytest.fixture(scope="module")
async def made(lives: dict[str, Life], database: Database, tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    keeper, out = Bookkeeping(database, ZONE), tmp_path_factory.mktemp("books")
    return [await keeper.books(month, out, Format.CSV) for month in months_around(datetime.now(UTC))]


def sheet(made: list[Made], name: str) -> list[dict[str, str]]:
    return [row for each in made for row in rows_of(each.place / f"{name}.csv")]


def table(made: list[Made], gstin: str, name: str) -> list[dict[str, str]]:
    places = [each.place / f"gstr1-{gstin}" / f"{name}.csv" for each in made]
    return [row for place in places if place.exists() for row in rows_of(place)]


async def test_every_sum_of_the_month_agrees_with_its_other_side(made: list[Made]):
    assert [each.wrong for each in made if each.wrong] == []


async def test_the_registers_hold_every_paper_that_the_bookings_know(lives: dict[str, Life], made: list[Made]):
    issued = {paper.number: paper.total for life in lives.values() for paper in life.booking.invoices}
    credited = {note.number: note.amount for life in lives.values() for note in life.booking.credit_notes}
    assert {row["Number"]: sum_of([row], "Total") for row in sheet(made, "sales")} == issued
    assert {row["Number"]: sum_of([row], "Total") for row in sheet(made, "credit_notes")} == credited
    assert sorted(credited.values()) == [3_540, 20_000]
    series = {name: sorted(paper.number[:2] for paper in life.booking.invoices) for name, life in lives.items()}
    both = {"platform": ["LC", "LS"], "cancelled": ["LC", "LS"], "by hand": ["LC", "LS"]}
    assert series == {"provider": ["LC", "LR"], "none": ["LC", "LR"], **both}


async def test_the_ledger_holds_what_came_what_went_back_and_the_share_of_each_provider(made: list[Made]):
    moved: Counter[str] = Counter()
    for row in sheet(made, "ledger"):
        moved[row["Kind"]] += sum_of([row], "In") - sum_of([row], "Out")
    assert moved["capture"] == 5 * PRICE
    assert moved["refund"] == -75_000 - 20_000
    assert moved["transfer"] == -(81_876 + 67_046 + 82_300 + 67_046 + 67_046)
    assert moved["reversal"] == 67_046 - 16_761  # payout(250.00) of the platform's case


async def test_the_platform_returns_its_own_supplies_and_every_commission(made: list[Made]):
    services = 84_746 + 21_186 + 84_746 - 16_949  # of 1000.00, 250.00, 1000.00, less 200.00 that went back
    commissions = 15_000 + 15_000 + 3_750 + 15_000 - 3_000  # of providers without a GSTIN
    assert sum_of(table(made, SUPPLIER.gstin, "b2cs"), "Taxable Value") == services + commissions
    [commission] = table(made, SUPPLIER.gstin, "b2b")
    assert commission["GSTIN/UIN of Recipient"] == HIS_GSTIN
    assert (sum_of([commission], "Taxable Value"), sum_of([commission], "Invoice Value")) == (15_000, 17_700)


async def test_a_registered_providers_supply_is_in_the_return_of_his_gstin_and_an_unregistered_ones_in_none(
    made: list[Made],
):
    [his] = table(made, HIS_GSTIN, "b2cs")
    assert sum_of([his], "Taxable Value") == 84_746
    assert {each.name for book in made for each in book.place.glob("gstr1-*")} == {
        f"gstr1-{gstin}" for gstin in (SUPPLIER.gstin, HIS_GSTIN, UNREGISTERED)
    }
    [untaxed] = [row for row in sheet(made, "sales") if row["GSTIN of supplier"] in ("", UNREGISTERED)]
    assert sum_of([untaxed], "CGST", "SGST", "IGST") == 0
