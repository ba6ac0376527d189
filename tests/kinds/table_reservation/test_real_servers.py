"""Table reservations beside visits in the same workers, on real servers: Temporal, PostgreSQL, provider, mail."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.payout_accounts import put_payout_account
from adapters.postgres.workflow_problems import WorkflowProblemRows
from adapters.temporal.client import DATA_CONVERTER
from api.bookings.client import BookingClient
from api.bookings.restarts import Restarts
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import WASH
from devstack.kinds.vehicle_service.shop import Shop
from devstack.stack import Stack
from domain.billing.payouts import PayoutTerms
from domain.billing.transfers import AccountStatus, PayoutAccount
from domain.booking import RULES_OF_TODAY, Customer, PolicyTerms
from domain.commands import Cancel, Command
from domain.errors import ActionNotAllowed, SlotTaken
from domain.people import Actor
from settings import Stores
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, PayDeposit, Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import SCHEMA, STORAGE
from workflows.booking.messages import Ack, booking_workflow_id

LONGEST = 60
_IDS = itertools.count(7_000_000)
SOON = PayoutTerms(settle=timedelta(seconds=1))


class House:
    """Reservations of a running stack, asked as the API would ask."""

    def __init__(self, stack: Stack, temporal: Client, database: Database, shop: Shop) -> None:
        self.stack, self.temporal, self.shop = stack, temporal, shop
        self.database = database
        self.store = BookingStore(database, TABLE_RESERVATION, STORAGE)
        queries = BookingQueries(database, TABLE_RESERVATION)
        restarts = Restarts(temporal, WorkflowProblemRows(database))
        self.client = BookingClient(TABLE_RESERVATION, temporal, queries, restarts, timedelta(seconds=20))
        guest, self.other, host = shop.customers[0], shop.customers[1], shop.mechanics[0]
        self.guest, self.host = Actor("customer", guest.id), Actor("host", host.id)
        self.host_email, self.guest_email = host.email, guest.email

    async def reserves(self, table: int, deposit: int = 0, share: int = 0) -> int:
        starts = datetime.now(UTC) + timedelta(hours=7)
        booking = TableBooking(
            id=next(_IDS),
            customer=Customer(self.guest.id),
            policy=PolicyTerms(gst_percent=Decimal(5), payouts=SOON, **RULES_OF_TODAY),
            created_at=datetime.now(UTC),
            status="reserved",
            house="south",
            host=self.host.id,
            table=table,
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            deposit=deposit,
            share=share,
        )
        await self.client.open(booking, self.guest, str(uuid.uuid4()))
        return booking.id

    async def asks(self, booking_id: int, command: Command) -> Ack:
        return await self.client.perform(booking_id, command, str(uuid.uuid4()))

    async def becomes(self, booking_id: int, holds: Callable[[TableBooking], Any]) -> TableBooking:
        async with asyncio.timeout(LONGEST):
            while not holds(booking := await self.store.load(booking_id)):  # noqa: ASYNC110 - a row has no event
                await asyncio.sleep(0.2)
        return booking

    async def ends(self, booking_id: int) -> None:
        handle = self.temporal.get_workflow_handle(booking_workflow_id(TABLE_RESERVATION.name, booking_id))
        async with asyncio.timeout(LONGEST):
            await handle.result()
        assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    async def mails(self, booking_id: int, to: str, many: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(LONGEST):
            while len(found := self.shop.mailbox.of({"id": booking_id}, to)) < many:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.2)
        return found


@pytest.fixture(scope="module")
async def house(both_kinds: Stack) -> AsyncIterator[House]:
    info = both_kinds.info
    temporal = await Client.connect(info["temporal"], data_converter=DATA_CONVERTER)
    database = Database(Stores(postgresql_url=info["postgres"]), SCHEMA)
    shop = Shop(info, spared=frozenset({88}))
    yield House(both_kinds, temporal, database, shop)
    shop.close()
    await database.close()


async def test_a_deposit_is_paid_at_the_provider_and_set_off_at_the_bill_while_a_visit_goes_on(house: House):
    journey = Journey("beside", house.shop)
    visit: Awaitable[None] = asyncio.to_thread(journey.book, WASH)
    number = await house.reserves(1, deposit=50_000)
    await visit
    await house.asks(number, PayDeposit(house.guest))
    [order] = (await house.store.load(number)).payments
    assert (order.leg, order.amount) == ("deposit", 52_500)
    await asyncio.to_thread(house.shop.provider.pay, order.order_id)
    await house.becomes(number, lambda booking: booking.invoices)
    await house.asks(number, Seat(house.host))
    await house.asks(number, Bill(house.host, 200_000))
    await house.ends(number)
    booking = await house.store.load(number)
    assert [(invoice.leg, invoice.total) for invoice in booking.invoices] == [("deposit", 52_500), ("meal", 157_500)]
    assert [invoice.number[:3] for invoice in booking.invoices] == ["TS-", "TS-"]
    assert len({invoice.number for invoice in booking.invoices}) == 2
    assert booking.refunds == []
    await asyncio.to_thread(journey.cancel, "another time")
    await asyncio.to_thread(journey.end)


async def test_a_cancellation_is_mailed_to_guest_and_host_and_the_table_is_free(house: House):
    number = await house.reserves(2)
    with pytest.raises(SlotTaken):
        await house.reserves(2)
    await house.asks(number, Cancel(house.guest, "ill"))
    [to_guest], [to_host] = [await house.mails(number, to, 1) for to in (house.guest_email, house.host_email)]
    assert [mail["headers"]["X-RevCare-Notice"] for mail in (to_guest, to_host)] == ["table-cancelled", "table-free"]
    for mail in (to_guest, to_host):
        assert mail["headers"]["From"].startswith("Two Houses ")
        assert f"http://tables.example/bookings/{number}" in mail["text"]
    await house.ends(number)
    assert (await house.store.load(await house.reserves(2))).status == "reserved"


@pytest.mark.long  # as visits do in test_crashes.py, by the same workers; two processes start anew
async def test_a_reservation_outlives_both_workers_and_is_handed_over(house: House):
    number = await house.reserves(3)
    for part in ("worker", "activities"):
        killed = house.stack.kill(part)
        await asyncio.to_thread(house.stack.wait_ready, part, instead_of=killed)
    ack = await house.asks(number, HandOver(house.guest, Customer(house.other.id)))
    assert (ack.status, ack.version) == ("reserved", 2)
    with pytest.raises(ActionNotAllowed):
        await house.asks(number, Bill(house.host, 1))
    await house.asks(number, Seat(house.host))
    await house.asks(number, Bill(house.host, 0))
    await house.ends(number)


async def test_a_transfer_is_made_once_though_its_worker_dies_before_it_is_recorded(house: House):
    razorpay = house.stack.info["razorpay"]["base_url"]
    async with httpx.AsyncClient(base_url=f"{razorpay}/sandbox", trust_env=False) as route:
        account = (await route.post("/accounts", json={"name": "Host", "activated": True})).json()["id"]
        async with house.database.write.begin() as connection:
            paid_out_at = PayoutAccount(account, AccountStatus.ACTIVATED)
            await put_payout_account(connection, TABLE_RESERVATION.name, house.host.id, paid_out_at)
        number = await house.reserves(4, deposit=50_000, share=80)
        await house.asks(number, PayDeposit(house.guest))
        [order] = (await house.store.load(number)).payments
        await route.put("/chaos", json={"api": [{"match": "POST */transfers", "latency": 1.0, "times": 1}]})
        await asyncio.to_thread(house.shop.provider.pay, order.order_id)
        async with asyncio.timeout(LONGEST):
            while (await route.get("/chaos")).json()["api"][0]["times"]:  # noqa: ASYNC110 - it has asked when it is 0
                await asyncio.sleep(0.02)
        killed = house.stack.kill("activities")
        await asyncio.to_thread(house.stack.wait_ready, "activities", instead_of=killed)
        held = await house.becomes(number, lambda booking: [each for each in booking.payouts if each.state == "held"])
        transfers = (await route.get("/state")).json()["transfers"]
    assert [each["id"] for each in transfers if each["recipient"] == account] == [held.payouts[0].transfer_id]
    assert [(each.amount, each.state) for each in held.payouts] == [(42_000, "held")]
    await house.asks(number, Cancel(house.guest, "ill"))
    await house.ends(number)
    assert (await house.store.load(number)).payouts[0].state == "reversed"
