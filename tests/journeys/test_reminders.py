"""A car that was with us is asked to come again: once per term, and only while car and customer are there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import asyncpg
import pytest
from temporalio.client import Client

from adapters.temporal.client import DATA_CONVERTER
from devstack.demo.externals import kind_of
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import FLUID, WASH
from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE, Shop
from devstack.stack import Stack
from kinds.vehicle_service.worker import WORKER
from tests.rows import connect
from workflows.booking.messages import MAIL_QUEUE


@pytest.fixture
async def rows(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(stack.info["postgres"])
    yield connection
    await connection.close()


@pytest.fixture
async def temporal(stack: Stack) -> Client:
    return await Client.connect(stack.info["temporal"], data_converter=DATA_CONVERTER)


async def round_of_reminders(temporal: Client, name: str) -> None:
    await temporal.execute_workflow("ServiceRemindersWorkflow", id=f"reminders-{name}", task_queue=MAIL_QUEUE)


def delivered(journey: Journey) -> Journey:
    """Brake fluid with a warranty, and a wash without one."""
    journey.book(FLUID, WASH, pickup_type="walk_in")
    journey.receive_walk_in()
    journey.analyse()
    journey.agree_on_cash()
    journey.work()
    journey.hand_over()
    journey.end()
    return journey


def reminders(shop: Shop, journey: Journey) -> list[tuple[str, str]]:
    """Sequence and what it says, of each reminder that came."""
    mails = shop.mailbox.of(journey.booking, journey.customer.email)
    found = [mail for mail in mails if kind_of(mail) == "service-reminder"]
    return [(mail["headers"]["X-RevCare-Sequence"], mail["text"]) for mail in found]


async def test_each_service_is_reminded_of_once_when_its_term_is_over(
    shop: Shop, journey: Journey, rows: asyncpg.Connection, temporal: Client
):
    await asyncio.to_thread(delivered, journey)
    terms = dict(await rows.fetch("SELECT title, warranty_months FROM services WHERE title IN ($1, $2)", FLUID, WASH))
    assert (terms[FLUID] > 6, terms[WASH]) == (True, 0)

    async def passed(months: int) -> None:
        """The car came home so long ago."""
        moved = "UPDATE bookings SET completed_at = now() - make_interval(months => $2, mins => 1) WHERE id = $1"
        await rows.execute(moved, journey.id, months)

    async def reminded(name: str) -> list[tuple[str, str]]:
        await round_of_reminders(temporal, f"{journey.id}-{name}")
        return await asyncio.to_thread(reminders, shop, journey)

    await passed(5)
    assert await reminded("too-early") == []
    await passed(6)
    for table, column, of, key in (
        ("customer_cars", "vehicle_id", "visits", "booking_id"),
        ("users", "customer_id", "bookings", "id"),
    ):
        gone = f"UPDATE {table} SET deleted_at = $2 WHERE id = (SELECT {column} FROM {of} WHERE {key} = $1)"
        await rows.execute(gone.replace("$2", "now()"), journey.id)
        assert await reminded(f"without-{table}") == []
        await rows.execute(gone.replace("$2", "NULL"), journey.id)
    ((sequence, text),) = await reminded("six-months")
    assert (sequence, WASH in text, FLUID in text) == ("6", True, False)
    assert journey.booking["vehicle"]["registration_number"] in text
    assert len(await reminded("the-next-day")) == 1
    await passed(terms[FLUID])
    ((_, _), (sequence, text)) = await reminded("warranty-over")
    assert (sequence, WASH in text, FLUID in text) == (str(terms[FLUID]), False, True)
    assert len(await reminded("the-day-after")) == 2


async def test_a_service_that_was_done_again_meanwhile_is_reminded_of_by_the_later_visit(
    shop: Shop, journey: Journey, rows: asyncpg.Connection, temporal: Client
):
    await asyncio.to_thread(delivered, journey)
    later = Journey("later", shop)
    await asyncio.to_thread(delivered, later)
    same = "UPDATE bookings SET {} WHERE id = $1"
    customer = await rows.fetchval("SELECT customer_id FROM bookings WHERE id = $1", journey.id)
    await rows.execute(same.format("customer_id = $2"), later.id, customer)
    vehicle = await rows.fetchval("SELECT vehicle_id FROM visits WHERE booking_id = $1", journey.id)
    await rows.execute("UPDATE visits SET vehicle_id = $2 WHERE booking_id = $1", later.id, vehicle)
    await rows.execute(same.format("completed_at = now() - interval '7 months'"), journey.id)
    await round_of_reminders(temporal, f"{journey.id}-done-again")
    assert await asyncio.to_thread(reminders, shop, journey) == []


async def test_the_rounds_are_a_schedule_of_every_day(temporal: Client):
    (job,) = [each for each in WORKER.schedules if each.workflow == "ServiceRemindersWorkflow"]
    kept = await temporal.get_schedule_handle(job.id).describe()
    assert kept.schedule.action.workflow == "ServiceRemindersWorkflow"
    rounds = [moment.astimezone(SHOP_TIMEZONE) for moment in kept.info.next_action_times]
    assert {moment.hour for moment in rounds} == {9}
    assert {later.date() - each.date() for each, later in pairwise(rounds)} == {timedelta(days=1)}
