"""A long booking gets a new run: no client notices."""

import asyncio
import itertools
from contextlib import suppress

import pytest
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.bookings import BookingActivities
from adapters.temporal.client import RefusalInterceptor
from domain.billing.provider import LatePaymentEvent
from domain.errors import ActionNotAllowed
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Job
from tests.kinds.vehicle_service.bookings import estimate_ready
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, RAVI
from tests.workflows.broken_workflows import QuickLatePayment, QuickRechecks, ShortRuns
from tests.workflows.engine import Engine, working
from tests.workflows.prepared import prepared
from tests.workflows.resumed import resumed
from tests.workflows.running_booking import PATIENCE
from tests.workflows.servers import connected, dev_server
from tests.workflows.variants import running
from tests.workflows.visit import Visit, ms, new_booking, windows
from tests.workflows.visit_paths import decision_lapsed, online
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import Ack, Start, late_workflow_id, refund_workflow_id

AFTER_FOUR_MOVES = {"limit.historyCount.suggestContinueAsNew": "30"}


@pytest.fixture(scope="module")
async def short_lived(tmp_path_factory):
    """An engine on a server that wants a new run after some four moves."""
    with dev_server(tmp_path_factory.mktemp("runs"), AFTER_FOUR_MOVES) as address:
        async with working(await connected(address)) as engine:
            yield engine


async def reassigned_until_the_next_run(engine: Engine, **other) -> Visit:
    visit = await Visit(engine, new_booking(**other)).opens()
    first = await visit.run()
    await visit.asks(commands.Assign(ADMIN, Job.PICKUP, RAVI), "first")
    mechanics = itertools.cycle((ALL_ROUNDER, RAVI))
    while await visit.run() == first:
        await visit.asks(commands.Assign(ADMIN, Job.PICKUP, next(mechanics)))
    return visit


async def test_a_visit_over_several_runs_has_one_timeline_and_each_mail_once(short_lived):
    visit = await online(short_lived)
    assert len(await visit.runs()) > 1
    assert visit.versions == list(range(1, 16))
    mails = await visit.mailed()
    assert len(mails) == len(set(mails)) == 10


async def test_an_update_repeated_in_a_later_run_gets_its_first_answer(short_lived):
    visit = await reassigned_until_the_next_run(short_lived)
    before = visit.booking.version
    again = await visit.asks(commands.Assign(ADMIN, Job.PICKUP, RAVI), "first")
    assert again.version == 2
    assert visit.booking.version == before > 2


async def test_deadlines_stand_in_the_next_run(short_lived):
    visit = await reassigned_until_the_next_run(
        short_lived, policy=windows(decision_window=ms(300), decision_reminders=())
    )
    await visit.collected()
    await visit.report_validated()
    await visit.analysis_assigned()
    await visit.analysis_submitted()
    await visit.estimate_validated()
    await visit.becomes(lambda booking: booking.status == "cancelled")


async def test_search_attributes_and_refusals_are_the_same_in_the_next_run(short_lived):
    visit = await reassigned_until_the_next_run(short_lived)
    assert await visit.attribute("BookingStage") == "pickup"
    assert await visit.attribute("BookingMechanic") == visit.booking.active().mechanic.id
    assert await visit.attribute("BookingCustomer") == "CST000210"
    with pytest.raises(ActionNotAllowed):
        await visit.drop_assigned()


async def test_a_deadline_that_rings_while_the_run_changes_is_not_lost(short_lived):
    visit = await decision_lapsed(short_lived)
    assert visit.booking.cancellation is not None
    assert visit.actions.count("expire") == 1


async def goes_on_in_a_new_run(visit: Visit) -> None:
    """A cancelled visit, whose way home is given to one driver after the other."""
    run, drivers = await visit.run(), itertools.cycle((RAVI, ALL_ROUNDER))
    while await visit.run() == run:
        await visit.drop_assigned(next(drivers))


async def test_a_refund_that_waits_for_a_dispute_is_told_by_a_later_run(short_lived):
    visit, gateway = await prepared(short_lived, Visit.estimate_ready), short_lived.gateway
    await visit.paid_online()
    gateway.balance_is_low = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds and booking.refunds[0].needs_help)
    dispute = gateway.dispute(visit.booking.payments[0].payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    gateway.balance_is_low = False
    await goes_on_in_a_new_run(visit)
    await visit.hears_of_dispute(gateway.dispute(dispute.payment_id, "won").dispute_id)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")


async def test_a_refund_that_a_lower_one_replaces_is_given_up_though_only_an_earlier_run_had_to_do_with_it(short_lived):
    """Else it would leave as soon as it can: what staff gave by hand was less than the fee. This run starts nothing
    before the dispute is over."""
    visit, gateway = await prepared(short_lived, Visit.estimate_ready), short_lived.gateway
    await visit.paid_online()
    refund = await visit.refund_without_balance()
    dispute = gateway.dispute(refund.payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    await goes_on_in_a_new_run(visit)
    gateway.balance_is_low = False
    gateway.refund_by_hand(refund.payment_id, 5000)
    gateway.balance_is_low = True
    await visit.reports_payment(visit.booking.payments[0].order_id)
    await visit.becomes(lambda booking: len(booking.refunds) == 3)
    await visit.hears_of_dispute(gateway.dispute(refund.payment_id, "won").dispute_id)
    await visit.becomes(lambda booking: booking.refunds[-1].needs_help)
    gateway.balance_is_low = False
    for each in (refund, visit.booking.refunds[-1]):
        with suppress(RPCError):  # it has ended
            await short_lived.client.get_workflow_handle(refund_workflow_id(each.key)).signal("retry")
    await visit.becomes(lambda booking: booking.refunds[-1].status == "processed")
    await visit.quiet()
    assert [each.status for each in visit.booking.refunds] == ["failed", "processed", "processed"]
    assert gateway.money_back(visit.booking.payments[0].order_id) == refund.amount


async def test_a_refund_that_hears_much_and_waits_long_goes_on_in_a_new_run(short_lived):
    visit, gateway = await prepared(short_lived, Visit.estimate_ready), short_lived.gateway
    await visit.paid_online()
    gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds and booking.refunds[0].refund_id)
    refund = visit.booking.refunds[0]
    handle = short_lived.client.get_workflow_handle(refund_workflow_id(refund.key))
    first = (await handle.describe()).run_id
    async with asyncio.timeout(PATIENCE):
        while (await handle.describe()).run_id == first:
            await handle.signal("retry")
    gateway.refunds_wait = False
    gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert len(visit.booking.refunds) == 1


async def test_a_booking_whose_provider_refuses_our_key_waits_over_many_runs_and_takes_the_money_then(short_lived):
    async with running(short_lived, QuickRechecks, after=Visit.estimate_ready) as visit:
        gateway, order = short_lived.gateway, await visit.order_opened()
        gateway.pay(order.order_id)
        dispute = gateway.dispute(gateway.pay(order.order_id, status="captured").payment_id)
        gateway.key_is_refused = True
        await visit.reports_payment(order.order_id)
        await visit.hears_of_dispute(dispute.dispute_id)
        looks, runs = gateway.calls["fetch_order"], {await visit.run()}
        async with asyncio.timeout(PATIENCE):
            while len(runs) < 3:
                await visit.pause(0.05)
                runs.add(await visit.run())
        assert gateway.calls["fetch_order"] - looks > 2
        assert visit.actions.count("alert") <= 2
        gateway.key_is_refused = False
        await visit.becomes(lambda booking: booking.status == "in-progress")
        await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])


async def test_a_run_that_has_become_old_ends_with_the_next_change_and_the_booking_goes_on(client, engine):
    booking, queue, run = new_booking(), "short-runs", ""
    activities = BookingActivities({VEHICLE_SERVICE.name: VEHICLE_SERVICE}, {VEHICLE_SERVICE.name: engine.store})
    async with Worker(
        client,
        task_queue=queue,
        workflows=[ShortRuns],
        activities=[activities.open_booking, activities.project],
        workflow_runner=ReplayableRunner(),
    ):
        first = await client.start_workflow(
            ShortRuns.run, Start(booking, ASHA, "open"), id=f"short-{booking.id}", task_queue=queue
        )
        await first.execute_update("open", result_type=Ack)
        visit, changes = client.get_workflow_handle(first.id), 0
        async with asyncio.timeout(PATIENCE):
            while run in ("", first.first_execution_run_id):
                changes += 1
                command = commands.Assign(ADMIN, Job.PICKUP, (ALL_ROUNDER, RAVI)[changes % 2])
                assert (await visit.execute_update("assign", command, result_type=Ack)).version == changes + 1
                run = (await visit.describe()).run_id
        assert (await visit.execute_update("cancel", commands.Cancel(ASHA), result_type=Ack)).status == "cancelled"
    assert engine.store.bookings[booking.id].version == changes + 2


async def test_late_money_that_the_provider_does_not_tell_of_is_asked_for_over_many_runs_and_goes_back(short_lived):
    closed = estimate_ready().order_opened(order_id="order_1").cancelled().drop_assigned().cash_verified()
    visit = await resumed(short_lived, closed.brought_home().documents_issued())
    await visit.closes()
    gateway, order_id = short_lived.gateway, visit.booking.payments[0].order_id
    gateway.pay(order_id, status="captured")
    event, runs = LatePaymentEvent(VEHICLE_SERVICE.name, visit.id, order_id=order_id), set()
    async with Worker(
        short_lived.client,
        task_queue="quick-late",
        workflows=[QuickLatePayment],
        interceptors=[RefusalInterceptor()],
        workflow_runner=ReplayableRunner(),
    ):
        gateway.key_is_refused = True
        await short_lived.client.start_workflow(
            QuickLatePayment.run, event, id=late_workflow_id(event), task_queue="quick-late"
        )
        handle = short_lived.client.get_workflow_handle(late_workflow_id(event))
        async with asyncio.timeout(PATIENCE):
            while len(runs) < 3:
                runs.add((await handle.describe()).run_id)
                await visit.pause(0.05)
        gateway.key_is_refused = False
        await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
        await handle.result()
    assert gateway.money_back(order_id) == visit.booking.payments[0].amount
