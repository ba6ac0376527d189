"""Temporal was restored from an older copy: workflows run that are behind their rows.

The rows are what people have seen and acted on, so a workflow goes on from them before it decides anything.
"""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.billing.provider import RefundStatus
from domain.billing.records import Method
from domain.booking import Event
from domain.commands import RecordRefund, TakePayment
from domain.decide import decide
from domain.errors import ActionNotAllowed
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.fakes.store import FakeStore
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, BRAKES, OIL, RAVI, actor
from tests.workflows.care_paths import forgotten
from tests.workflows.conftest import Open
from tests.workflows.engine import KINDS, Engine, working
from tests.workflows.servers import connected, dev_server, namespace_of_its_own
from tests.workflows.visit import Visit, leg_in, ms, new_booking, windows
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import MAINTENANCE_QUEUE
from workflows.projection_check import ProjectionCheckWorkflow

COLLECTED = commands.SubmitProgress(actor(RAVI), "Collected, a scratch on the left door")


async def behind(opened, **other) -> tuple[Visit, list[Event]]:
    """A visit whose workflow has seen the booking, and whose rows have the car in the shop; with its timeline."""
    visit = await opened(**other)
    given = await forgotten(visit, commands.Assign(ADMIN, Job.PICKUP, RAVI), COLLECTED)
    report = visit.open_report
    return visit, given + (await forgotten(visit, commands.ValidateProgress(ADMIN, report)))[len(given) :]


def kept(visit: Visit, before: Sequence[Event]) -> list[str]:
    """The actions that came since; what was there must be there as it was."""
    timeline = visit.engine.store.timeline(visit.id)
    assert timeline[: len(before)] == list(before)
    assert visit.versions == list(range(1, len(timeline) + 1))
    return [str(each.action) for each in timeline[len(before) :]]


@asynccontextmanager
async def temporal(folder: Path, store: FakeStore, database: str) -> AsyncIterator[Engine]:
    """A server on this file and workers until the block ends, over rows that stay."""
    with dev_server(folder, file=folder / database) as address:
        async with working(await connected(address), store=store) as engine:
            yield engine


@pytest.mark.long  # three servers, and workers that let go of two of them
async def test_a_booking_goes_on_from_its_rows_when_temporal_is_restored_from_an_older_copy(tmp_path):
    store, booking = FakeStore(), new_booking()
    async with temporal(tmp_path, store, "temporal.db") as engine:
        visit = await Visit(engine, booking).opens()
        await visit.pickup_assigned()
        await visit.quiet()
    shutil.copy(tmp_path / "temporal.db", tmp_path / "older.db")
    async with temporal(tmp_path, store, "temporal.db") as engine:
        visit.engine = engine
        await visit.collected()
        await visit.report_validated()
        await visit.analysis_assigned()
        await visit.quiet()
    before = store.timeline(booking.id)
    async with temporal(tmp_path, store, "older.db") as engine:
        visit.engine = engine
        assert (await visit.view())["version"] == 2
        answer = await visit.asks(commands.Cancel(ASHA, "Sold the car"), seen=visit.booking.version)
        assert (answer.status, answer.version) == (visit.booking.status, visit.booking.version)
        assert visit.booking.cancellation is not None
        assert kept(visit, before)[-1] == "cancel"
        await visit.drop_assigned()


async def test_a_command_is_performed_on_what_the_rows_say(opened):
    visit, before = await behind(opened)
    answer = await visit.cancelled()
    assert answer.version == visit.booking.version
    assert kept(visit, before) == ["alert", "cancel"]
    assert visit.booking.attention == ["its workflow was at version 1, its rows at 4; it went on from its rows"]
    assert await visit.attribute("NeedsAttention") is True


async def test_a_task_that_was_lost_and_is_done_again_goes_on_from_what_it_wrote_and_calls_nobody(opened):
    visit = await opened()
    for step in (commands.Assign(ADMIN, Job.PICKUP, RAVI), COLLECTED):
        after = decide(VEHICLE_SERVICE, visit.booking, step, datetime.now(UTC))
        await visit.engine.store.project(after, f"written-{after.version}")
    before = visit.engine.store.timeline(visit.id)
    assert (await visit.asks(commands.Assign(ADMIN, Job.PICKUP, RAVI), "written-2")).version == 2
    assert (await visit.cancelled()).version == 4
    assert kept(visit, before) == ["cancel"]
    assert visit.booking.attention == []


async def test_a_command_that_the_rows_do_not_allow_is_refused_by_name(opened):
    visit, before = await behind(opened)
    with pytest.raises(ActionNotAllowed):
        await visit.pickup_assigned(ALL_ROUNDER)
    assert kept(visit, before) == ["alert"]
    assert (await visit.view())["version"] == visit.booking.version


async def test_who_has_read_the_rows_may_ask_what_only_they_allow(opened):
    visit, before = await behind(opened)
    assigned = commands.Assign(ADMIN, Job.ANALYSIS, ALL_ROUNDER)
    answer = await visit.asks(assigned, seen=visit.booking.version)
    assert answer.version == len(before) + 2
    assert kept(visit, before) == ["alert", "assign"]


async def test_a_command_that_was_answered_before_is_answered_the_same(opened):
    visit, before = await behind(opened)
    again = await visit.asks(commands.Assign(ADMIN, Job.PICKUP, RAVI), "forgotten-2")
    assert again.version == 2
    assert kept(visit, before) == ["alert"]


async def test_a_row_of_the_same_version_that_was_decided_otherwise_holds(opened):
    visit = await opened()
    opened_with = visit.booking
    await visit.pickup_assigned()
    other = commands.Assign(ADMIN, Job.PICKUP, ALL_ROUNDER)
    a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    await visit.engine.store.project(decide(VEHICLE_SERVICE, opened_with, other, a_minute_ago), "other")
    before = visit.engine.store.timeline(visit.id)
    await visit.rescheduled(drop=leg_in(5))
    assert kept(visit, before) == ["alert", "reschedule"]
    assert visit.mechanic == actor(ALL_ROUNDER)


async def test_a_deadline_that_the_rows_have_no_more_does_nothing(estimated):
    visit = await estimated(policy=windows(decision_window=ms(4000), decision_reminders=()))
    before = await forgotten(
        visit,
        commands.ConfirmServices(ASHA, (BRAKES, OIL), Method.OFFLINE),
        commands.Assign(ADMIN, Job.SERVICE, ALL_ROUNDER),
    )
    await visit.becomes(lambda booking: booking.attention)
    await visit.quiet()
    assert kept(visit, before) == ["alert"]
    assert visit.booking.cancellation is None


async def test_slots_that_the_rows_hold_stay_reserved(opened):
    visit, before = await behind(opened)
    held = visit.engine.store.held_by(visit.id)
    with pytest.raises(ActionNotAllowed):
        await visit.rescheduled(leg_in(9), leg_in(11))
    assert visit.engine.store.held_by(visit.id) == held
    assert kept(visit, before) == ["alert"]


@pytest.fixture(scope="module")
async def opened_alone(client: Client) -> AsyncIterator[Open]:
    """A visit where the check of the rows finds no others: it waits for the answer of each, also of those that other
    tests have broken.
    """
    async with working(await namespace_of_its_own(client, "check-of-rows")) as engine:
        yield lambda: Visit(engine, new_booking()).opens()


async def checked(visit: Visit) -> None:
    """The rows are compared with the workflows, and the visit is found to be behind."""
    assert await visit.engine.client.execute_workflow(
        ProjectionCheckWorkflow.run, id=f"check-{visit.id}", task_queue=MAINTENANCE_QUEUE
    )


async def test_a_workflow_whose_rows_stay_ahead_goes_on_from_them(opened_alone):
    visit = await opened_alone()
    a_minute_ago = visit.booking.updated_at - timedelta(minutes=1)
    lost = decide(VEHICLE_SERVICE, visit.booking, commands.Assign(ADMIN, Job.PICKUP, RAVI), a_minute_ago)
    await visit.engine.store.project(lost, None)
    await checked(visit)
    await visit.becomes(lambda booking: booking.attention)
    assert visit.actions == ["book", "assign", "alert"]
    await visit.collected()


async def test_the_check_of_the_rows_has_a_workflow_that_is_far_behind_go_on_from_them(opened_alone):
    visit, before = await behind(opened_alone)
    await checked(visit)
    await visit.becomes(lambda booking: booking.attention)
    await visit.quiet()
    assert kept(visit, before) == ["alert"]
    assert (await visit.view())["version"] == visit.booking.version


async def test_another_worker_takes_such_a_booking_over_as_it_stands(opened):
    visit, before = await behind(opened)
    await visit.cancelled()
    async with visit.engine.stopped():
        pass
    await visit.drop_assigned()
    assert kept(visit, before) == ["alert", "cancel", "assign"]
    assert await HistoryReplay(KINDS, ReplayableRunner()).fault(await visit.handle.fetch_history()) is None


async def test_the_workflow_of_a_booking_that_the_rows_say_is_over_ends(opened):
    visit = await opened()
    before = await forgotten(visit, commands.Assign(ADMIN, Job.PICKUP, RAVI), commands.Cancel(ASHA, "Sold the car"))
    assert visit.booking.closed_at is not None
    await visit.handle.signal(VehicleServiceWorkflow.projection_seen, visit.booking.version)
    assert (await visit.closes()).status == "cancelled"
    assert kept(visit, before) == []


async def test_money_that_the_rows_have_taken_is_recorded_once(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    paid = visit.engine.gateway.pay(order.order_id, status="captured")
    before = await forgotten(visit, TakePayment(paid), commands.Assign(ADMIN, Job.SERVICE, ALL_ROUNDER))
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.attention and booking.invoices)
    await visit.quiet()
    assert kept(visit, before) == ["alert", "issue-invoice"]
    assert [each.payment_id for each in visit.booking.payments if each.payment_id] == [paid.payment_id]
    assert visit.booking.refunds == []


async def test_money_for_an_order_that_only_the_rows_have_is_taken(estimated):
    visit = await estimated()
    chosen = commands.ConfirmServices(ASHA, (BRAKES, OIL), Method.ONLINE)
    amount = VEHICLE_SERVICE.order_for(visit.booking, chosen).amount
    order = visit.engine.gateway.create_order(
        amount=amount, currency="INR", receipt=f"lost-{visit.id}", notes={}, look_first=False
    )
    before = await forgotten(visit, replace(chosen, order=order))
    visit.engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    assert kept(visit, before)[:2] == ["alert", "pay"]


async def test_what_became_of_a_refund_that_only_the_rows_have_is_recorded(estimated):
    visit = await estimated()
    await visit.paid_online()
    before = await forgotten(visit, commands.Cancel(ASHA, "Sold the car"))
    refund = visit.booking.refunds[0]
    report = RecordRefund(refund.id, RefundStatus.PROCESSED, "rfnd_lost")
    await visit.handle.signal(VehicleServiceWorkflow.refund_reported, report)
    await visit.becomes(lambda booking: [each.refund_id for each in booking.refunds] == ["rfnd_lost"])
    assert kept(visit, before)[:2] == ["alert", "refund"]
