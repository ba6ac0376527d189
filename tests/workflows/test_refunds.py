"""A refund's own workflow: money goes back once, whatever was lost, repeated or disputed on the way."""

import asyncio
from dataclasses import replace

import pytest

from domain.attention import action_required
from domain.billing.ledger import entries
from domain.billing.provider import ProviderRefund, RefundStatus
from domain.commands import RecordRefund
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.bookings import in_progress
from tests.workflows.broken_workflows import QuickRefundRestart
from tests.workflows.path_ends import started_again
from tests.workflows.resumed import resumed
from tests.workflows.running_booking import PATIENCE, eventually
from tests.workflows.test_costs import name
from tests.workflows.variants import running
from tests.workflows.visit import Visit
from workflows.booking.messages import PAYMENTS_QUEUE, refund_workflow_id
from workflows.refund import RefundWorkflow
from workflows.refund_messages import RefundInput, RefundProgress

NOBODY_TOLD = "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED"


@pytest.fixture
async def paid(engine):
    """A visit that was paid online and that the customer is about to cancel."""
    yield await resumed(engine, in_progress().documents_issued())
    engine.gateway.refunds_wait = engine.gateway.balance_is_low = False


async def pending_at_the_bank(visit: Visit):
    """Cancelled, and the refund is with the bank."""
    visit.engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds and booking.refunds[0].refund_id)
    return visit.booking.refunds[0]


def input_of(visit: Visit, refund) -> RefundInput:
    return RefundInput(visit.handle.id, refund.id, refund.payment_id, refund.amount, refund.key)


async def test_a_refund_workflow_that_is_started_again_finds_the_refund_that_it_has_made(paid):
    refund = await pending_at_the_bank(paid)
    client, workflow_id = paid.engine.client, refund_workflow_id(refund.key)
    await client.get_workflow_handle(workflow_id).terminate()
    given, looks = input_of(paid, refund), paid.engine.gateway.calls["find_refund"]
    again = await client.start_workflow(RefundWorkflow.run, given, id=workflow_id, task_queue=PAYMENTS_QUEUE)
    await eventually(lambda: paid.engine.gateway.calls["find_refund"] > looks)
    paid.engine.gateway.finish(refund.refund_id)
    await paid.reports_refund(refund.key)
    assert await again.result() == "processed"
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert len(paid.booking.refunds) == 1
    assert paid.engine.gateway.money_back(paid.booking.payments[0].order_id) == refund.amount
    assert paid.booking.attention == []


async def test_a_refund_that_was_given_up_but_is_made_is_booked_when_its_order_is_looked_at(paid):
    refund = await pending_at_the_bank(paid)
    await paid.engine.client.get_workflow_handle(refund_workflow_id(refund.key)).terminate()
    given_up = RecordRefund(refund.id, RefundStatus.FAILED, None, True, "given up")
    await paid.handle.signal("refund_reported", given_up)
    await paid.becomes(lambda booking: booking.refunds[0].status == "failed")
    paid.engine.gateway.finish(refund.refund_id)
    await paid.hears_of(paid.booking.payments[0].order_id)
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert (await paid.mailed()).count("refund-processed") == 1


async def test_a_refund_that_was_made_after_all_is_booked_once_when_the_next_attempt_finds_it_as_well(paid):
    gateway, payment = paid.engine.gateway, paid.booking.payments[0]
    refund = await pending_at_the_bank(paid)
    gateway.balance_is_low = True
    gateway.finish(refund.refund_id, "failed")
    await paid.reports_refund(refund.key)
    await paid.becomes(lambda booking: len(booking.refunds) == 2 and booking.refunds[1].needs_help)
    gateway.finish(refund.refund_id)
    await paid.hears_of(payment.order_id)
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    gateway.balance_is_low = False
    second = paid.engine.client.get_workflow_handle(refund_workflow_id(paid.booking.refunds[1].key))
    await second.signal("retry")
    assert await second.result() == "processed"
    await paid.quiet()
    rows = [(each.status, each.replaced, each.refund_id) for each in paid.booking.refunds]
    assert rows == [("processed", False, refund.refund_id), ("failed", True, None)]
    assert sum(entry.amount for entry in entries(paid.booking) if entry.amount < 0) == -refund.amount
    assert [each.refund_id for each in gateway.refunds.values() if each.payment_id == payment.payment_id] == [
        refund.refund_id
    ]


async def test_no_refund_leaves_while_a_dispute_is_open_that_nobody_told_of(paid):
    gateway, order_id = paid.engine.gateway, paid.booking.payments[0].order_id
    dispute = gateway.dispute(paid.booking.payments[0].payment_id)
    await paid.cancelled()
    await paid.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    await paid.quiet()
    assert gateway.money_back(order_id) == 0
    await paid.hears_of_dispute(gateway.dispute(dispute.payment_id, "won").dispute_id)
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert gateway.money_back(order_id) == paid.booking.refunds[0].amount


@pytest.mark.parametrize("taken", [100_000, 10_000], ids=["more than the fee", "less than the fee"])
async def test_what_the_bank_took_before_anybody_told_is_not_paid_a_second_time(paid, taken):
    gateway, payment = paid.engine.gateway, paid.booking.payments[0]
    gateway.dispute(payment.payment_id, "lost", amount=taken)
    await paid.cancelled()
    await paid.becomes(lambda booking: booking.refunds and booking.refunds[-1].status == "processed")
    assert [refund.status for refund in paid.booking.refunds] == ["failed", "processed"]
    assert gateway.money_back(payment.order_id) == paid.booking.cancellation.refund - taken


async def test_a_refund_whose_answer_was_lost_is_found_before_it_is_given_up_for_a_lost_dispute(paid):
    gateway, payment = paid.engine.gateway, paid.booking.payments[0]
    gateway.balance_is_low = True
    await paid.cancelled()
    await paid.becomes(lambda booking: booking.refunds and booking.refunds[0].needs_help)
    refund = paid.booking.refunds[0]
    gateway.balance_is_low = False
    gateway.refund(payment_id=payment.payment_id, amount=refund.amount, key=refund.key, receipt=refund.key, notes={})
    await paid.hears_of_dispute(gateway.dispute(payment.payment_id, "lost").dispute_id)
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert gateway.money_back(payment.order_id) == refund.amount
    assert action_required(VEHICLE_SERVICE, paid.booking) == "attention"


async def happened(visit: Visit, workflow_id: str, event: str, times: int = 1) -> None:
    """Wait until the history of that workflow has the event so often, and nothing is under way but timers."""
    handle = visit.engine.client.get_workflow_handle(workflow_id)
    async with asyncio.timeout(PATIENCE):
        while True:
            raw = (await handle.describe()).raw_description
            events = list((await handle.fetch_history()).events)
            busy = raw.pending_activities or raw.HasField("pending_workflow_task")
            complete = not busy and raw.workflow_execution_info.history_length == len(events)
            if complete and [name(each) for each in events].count(event) >= times:
                return
            await visit.pause(0.02)


async def has_told_nobody_of_a_lost_dispute(visit: Visit, taken: int) -> str:
    """The refund's workflow has seen what the bank took, and no workflow of its booking runs; answers its id."""
    gateway, refund = visit.engine.gateway, await visit.refund_without_balance()
    workflow_id = refund_workflow_id(refund.key)
    await visit.handle.terminate("by mistake")
    gateway.balance_is_low = False
    gateway.dispute(refund.payment_id, "lost", amount=taken)
    await visit.engine.client.get_workflow_handle(workflow_id).signal("retry")
    await happened(visit, workflow_id, NOBODY_TOLD)
    return workflow_id


async def test_what_the_bank_took_while_no_workflow_of_the_booking_ran_is_not_paid_a_second_time(paid):
    gateway, order_id, taken = paid.engine.gateway, paid.booking.payments[0].order_id, 100_000
    await has_told_nobody_of_a_lost_dispute(paid, taken)
    await started_again(paid)
    await paid.becomes(lambda booking: "processed" in [each.status for each in booking.refunds])
    assert gateway.money_back(order_id) == paid.booking.cancellation.refund - taken


async def test_a_refund_that_asked_about_a_dispute_waits_until_its_booking_names_it(paid):
    gateway, order_id, taken = paid.engine.gateway, paid.booking.payments[0].order_id, 100_000
    workflow_id = await has_told_nobody_of_a_lost_dispute(paid, taken)
    refunding = paid.engine.client.get_workflow_handle(workflow_id)
    await refunding.signal("instruct", "proceed")
    await happened(paid, workflow_id, NOBODY_TOLD, times=2)
    assert gateway.money_back(order_id) == 0
    asked = gateway.calls["disputes_of"]
    await refunding.signal(RefundWorkflow.proceed, ("disp_another",))
    await happened(paid, workflow_id, "WORKFLOW_EXECUTION_SIGNALED", times=3)
    assert (gateway.money_back(order_id), gateway.calls["disputes_of"]) == (0, asked)
    await started_again(paid)
    await paid.becomes(lambda booking: "processed" in [each.status for each in booking.refunds])
    assert gateway.money_back(order_id) == paid.booking.cancellation.refund - taken


async def test_many_reports_that_bring_nothing_new_are_few_looks(paid):
    refund = await pending_at_the_bank(paid)
    gateway = paid.engine.gateway
    before = gateway.calls["fetch_refund"]
    for _ in range(60):
        await paid.reports_refund(refund.key)
    handle = paid.engine.client.get_workflow_handle(refund_workflow_id(refund.key))
    versions = paid.versions
    gateway.finish(refund.refund_id)
    await paid.reports_refund(refund.key)
    assert await handle.result() == "processed"
    assert gateway.calls["fetch_refund"] - before <= 5
    await paid.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert len(paid.versions) - len(versions) <= 2


async def test_a_refund_whose_workflow_is_terminated_is_started_again_by_its_booking(engine):
    async with running(engine, QuickRefundRestart, after=Visit.estimate_ready) as visit:
        await visit.paid_online()
        try:
            refund = await pending_at_the_bank(visit)
            handle = engine.client.get_workflow_handle(refund_workflow_id(refund.key))
            first = (await handle.describe()).run_id
            await handle.terminate()
            async with asyncio.timeout(PATIENCE):
                while (await handle.describe()).run_id == first:
                    await visit.pause(0.02)
            engine.gateway.finish(refund.refund_id)
            await visit.reports_refund(refund.key)
            await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
        finally:
            engine.gateway.refunds_wait = False
        assert len(visit.booking.refunds) == 1


async def test_a_refund_that_was_reported_in_vain_for_days_is_still_looked_at(paid):
    """After some fifty reports without news the doubled pause was longer than a timedelta can be."""
    refund = await pending_at_the_bank(paid)
    client, workflow_id = paid.engine.client, refund_workflow_id(refund.key)
    await client.get_workflow_handle(workflow_id).terminate()
    sent = ProviderRefund(refund.refund_id, refund.payment_id, refund.amount, RefundStatus.PENDING, refund.key)
    given = replace(input_of(paid, refund), progress=RefundProgress(sent=sent, vain=100))
    again = await client.start_workflow(RefundWorkflow.run, given, id=workflow_id, task_queue=PAYMENTS_QUEUE)
    paid.engine.gateway.finish(refund.refund_id)
    await paid.reports_refund(refund.key)

    async def waits_after_reports() -> bool:
        summaries = [event.user_metadata.summary.data async for event in again.fetch_history_events()]
        return any(b"many reports" in summary for summary in summaries)

    async with asyncio.timeout(PATIENCE):
        while not await waits_after_reports():  # pressed before, it would end the pause before this one
            await paid.pause(0.02)
    await again.signal(RefundWorkflow.retry)
    assert await again.result() == "processed"
