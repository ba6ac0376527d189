"""Payments: reports may come late, twice or never; what counts is what the provider answers."""

import asyncio

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateStage

from domain.billing.records import Method
from kinds.vehicle_service.domain.commands import ConfirmServices
from tests.kinds.vehicle_service.people import ASHA, BRAKES, OIL
from tests.workflows.running_booking import eventually
from tests.workflows.visit import leg_in
from workflows.booking.messages import Ack


async def test_late_money_for_an_order_that_was_given_up_goes_back_whole(walked):
    visit = await walked("superseded_then_paid")
    [refund] = visit.booking.refunds
    assert (refund.amount, refund.status) == (295000, "processed")
    assert visit.engine.gateway.money_back(visit.booking.payments[0].order_id) == 295000


async def test_a_second_payment_of_one_order_goes_back_and_the_first_confirms(walked):
    visit = await walked("paid_twice")
    assert [visit.actions.count(action) for action in ("pay", "return-money", "refund")] == [1, 1, 1]
    mails = await visit.mailed()
    assert mails.count("payment-received") == mails.count("refund-processed") == 1


async def test_an_online_choice_that_costs_nothing_asks_the_provider_for_no_order(received):
    visit = await received()
    await visit.analysis_assigned()
    await visit.analysis_submitted(quotes={BRAKES: 0, OIL: 0}, recommending=())
    await visit.estimate_validated()
    orders = len(visit.engine.gateway.orders)
    assert (await visit.confirmed(Method.ONLINE)).status == "in-progress"
    assert len(visit.engine.gateway.orders) == orders
    await visit.work_done()
    await visit.drop_assigned()
    await visit.brought_home()
    assert (await visit.closes()).status == "delivered"


async def test_money_of_a_wrong_amount_is_never_counted_and_goes_back(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    visit.engine.gateway.pay(order.order_id, amount=100, status="captured")
    await visit.reports_payment()
    await visit.becomes(lambda booking: [refund.amount for refund in booking.refunds] == [100])
    assert visit.booking.status == "analysed"
    again = await visit.order_opened()
    assert again.order_id != order.order_id


async def test_money_after_the_cancellation_is_refunded_in_full_and_the_fee_stays_due(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    await visit.cancelled()
    visit.engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    assert visit.due == 11800


async def test_authorised_money_that_is_not_wanted_is_left_to_lapse(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    await visit.cash_agreed()
    payment = visit.engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.quiet()
    assert not visit.engine.gateway.payments[payment.payment_id].captured
    assert visit.booking.refunds == []


async def test_a_hundred_hints_confirm_once(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    visit.engine.gateway.pay(order.order_id)
    for _ in range(100):
        await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    await visit.quiet()
    assert [visit.actions.count(action) for action in ("pay", "return-money", "issue-invoice")] == [1, 0, 1]


async def test_a_hint_about_a_stranger_s_order_changes_nothing(estimated):
    visit = await estimated()
    before = visit.versions
    await visit.reports_payment("order_of_somebody_else")
    await visit.quiet()
    assert visit.versions == before


async def test_a_failed_attempt_is_told_once_and_the_order_stays_payable(walked):
    visit = await walked("payment_failed_then_paid")
    assert visit.actions.count("payment-failed") == (await visit.mailed()).count("payment-failed") == 1
    assert len({payment.order_id for payment in visit.booking.payments}) == 1


async def test_asking_again_for_the_same_lines_gives_the_same_order_and_other_lines_another(estimated):
    visit = await estimated()
    first = await visit.order_opened()
    assert (await visit.order_opened()).order_id == first.order_id
    other = await visit.order_opened(BRAKES)
    assert other.order_id != first.order_id
    assert other.amount == 165000 * 118 // 100
    assert [payment.live for payment in visit.booking.payments] == [False, True]


async def test_a_repeated_choice_whose_order_is_superseded_while_it_waits_gets_an_order_of_its_own(estimated):
    visit = await estimated()
    first = await visit.order_opened()
    refused, heard = visit.engine.store.refused_calls, await _activities_heard_of(visit)
    with visit.engine.store.down():
        holding_the_lock = visit.in_background(visit.rescheduled(drop=leg_in(4)))
        await eventually(lambda: visit.engine.store.refused_calls > refused)
        superseding = visit.in_background(visit.confirmed(Method.ONLINE, OIL))
        while await _activities_heard_of(visit) == heard:
            await visit.pause(0.02)
        repeated = await visit.handle.start_update(
            "confirm_services",
            ConfirmServices(ASHA, (BRAKES, OIL), Method.ONLINE),
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            result_type=Ack,
        )
    await asyncio.gather(holding_the_lock, superseding, repeated.result())
    assert visit.actions[-4:] == ["confirm-services", "reschedule", "confirm-services", "confirm-services"]
    assert [payment.service_ids for payment in visit.booking.payments] == [(BRAKES, OIL), (OIL,), (BRAKES, OIL)]
    assert visit.order.order_id not in (None, first.order_id)


async def _activities_heard_of(visit) -> int:
    """How many activities the workflow has heard the end of."""
    events = list((await visit.handle.fetch_history()).events)
    heard = max(n for n, event in enumerate(events) if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    ended = [event for event in events[:heard] if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED]
    return len(ended)


async def test_a_capture_that_is_refused_for_good_asks_for_the_admin_and_does_not_confirm(walked):
    visit = await walked("capture_refused")
    assert "capture refused" in visit.booking.attention[0]
    assert "pay" not in visit.actions


async def test_a_refund_on_its_way_keeps_the_booking_open_until_the_provider_is_done(walked):
    visit = await walked("refund_pending")
    assert visit.actions.count("refund") == 2
    assert (await visit.mailed()).count("refund-processed") == 1
    assert visit.actions[-1] == "refund"


async def test_a_provider_that_denies_an_order_asks_for_the_admin_and_the_booking_lives_on(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    forgotten = visit.engine.gateway.orders.pop(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.attention)
    visit.engine.gateway.orders[order.order_id] = forgotten
    visit.engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.status == "in-progress")


async def test_a_provider_that_denies_a_refund_it_took_asks_for_the_admin(estimated):
    visit = await estimated()
    await visit.paid_online()
    visit.engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    visit.engine.gateway.refunds_wait = False
    refund = visit.booking.refunds[0]
    forgotten = visit.engine.gateway.refunds.pop(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.becomes(lambda booking: booking.refunds[0].needs_help)
    visit.engine.gateway.refunds[refund.refund_id] = forgotten
    visit.engine.gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert not await visit.attribute("NeedsAttention")


async def test_a_provider_that_is_down_delays_a_confirmation_and_stops_no_cancel(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    with visit.engine.gateway.down():
        await visit.reports_payment(order.order_id)
        await visit.cancelled()
    assert visit.booking.status == "cancelled"


async def test_a_refund_waits_for_a_provider_that_is_down(estimated):
    visit = await estimated()
    await visit.paid_online()
    with visit.engine.gateway.down():
        await visit.cancelled()
        await visit.drop_assigned()
        await visit.brought_home()
        assert visit.booking.refunds[0].status == "pending"
        assert visit.booking.closed_at is None
    await visit.closes()
    assert await eventually(lambda: visit.mails.count("refund-processed") == 1)
