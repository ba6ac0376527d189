"""Money after the end, money that will not go back, money that the bank takes: none is lost, none moves twice."""

import pytest

from domain.attention import action_required, waiting_for
from domain.billing.provider import PaymentEvent
from domain.billing.records import Method
from domain.commands import ClearAttention, RetryRefund
from domain.errors import NothingPending, Unavailable
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.visit import KIND
from tests.kinds.vehicle_service.people import ADMIN
from tests.workflows.paths import PATHS
from tests.workflows.running_booking import eventually
from tests.workflows.visit import Visit
from workflows.booking.messages import MAINTENANCE_QUEUE
from workflows.sweep import PaymentSweepWorkflow


@pytest.fixture
async def sweep(engine):
    handle = await engine.client.start_workflow(
        PaymentSweepWorkflow.run, id="sweep-after-the-end", task_queue=MAINTENANCE_QUEUE
    )
    yield
    await handle.terminate()


async def test_money_for_a_booking_that_has_ended_goes_back_once_and_the_customer_is_told(walked):
    visit = await walked("late_money")
    [refund] = visit.booking.refunds
    late = next(payment for payment in visit.booking.payments if payment.superseded and payment.payment_id)
    assert refund.key == f"late-{late.payment_id}"
    assert visit.engine.gateway.money_back(late.order_id) == late.amount
    assert (await visit.mailed()).count("refund-processed") == 1
    assert visit.booking.status == "cancelled"
    assert totals(visit.booking).due == 0
    assert visit.versions == list(range(1, len(visit.versions) + 1))


async def test_hearing_of_late_money_again_and_again_changes_nothing_more(walked):
    visit = await walked("late_money")
    late = visit.booking.payments[-1]
    before = visit.versions
    for _ in range(3):
        await visit.hears_of(late.order_id)
    handle = visit.engine.client.get_workflow_handle(f"latepay-{late.order_id}")
    await handle.result()
    assert visit.versions == before
    assert visit.engine.gateway.money_back(late.order_id) == late.amount


async def test_a_late_payment_that_is_only_authorised_is_not_captured_and_the_customer_is_told(estimated):
    visit = await estimated()
    order = await visit.order_opened()
    await visit.cancelled()
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    paid = visit.engine.gateway.pay(order.order_id)
    await visit.hears_of(order.order_id)
    await eventually(lambda: visit.mails.count("payment-failed") == 1)
    assert not visit.engine.gateway.payments[paid.payment_id].captured
    assert visit.booking.refunds == []


async def test_a_refund_that_the_bank_fails_is_tried_again_under_a_new_key(walked):
    visit = await walked("refund_failed_then_processed")
    first, second = visit.booking.refunds
    assert (first.status, second.status) == ("failed", "processed")
    assert (first.amount, first.payment_id) == (second.amount, second.payment_id)
    assert first.key != second.key
    assert [kind for kind in (await visit.mailed()) if kind.startswith("refund")] == [
        "refund-delayed",
        "refund-processed",
    ]
    assert totals(visit.booking).due == 0


async def test_a_refund_that_fails_after_it_was_processed_is_made_again_though_the_booking_has_ended(engine):
    visit = await PATHS["cancelled_with_fee_and_refund"](engine)
    [done] = visit.booking.refunds
    order_id = visit.booking.payments[0].order_id
    visit.engine.gateway.finish(done.refund_id, "failed")
    await visit.hears_of(order_id)
    await visit.becomes(lambda booking: [each.status for each in booking.refunds] == ["failed", "processed"])
    assert visit.engine.gateway.money_back(order_id) == done.amount


async def test_after_three_tries_an_admin_is_asked_and_a_push_makes_a_fourth(estimated):
    visit, gateway = await _cancelled_while_refunds_wait(estimated)
    for tries in range(1, 4):
        await visit.becomes(lambda booking, n=tries: len(booking.refunds) == n and booking.refunds[-1].refund_id)
        gateway.finish(visit.booking.refunds[-1].refund_id, "failed")
        await visit.reports_refund(visit.booking.refunds[-1].key)
    await visit.becomes(lambda booking: booking.refunds[-1].needs_help)
    assert [refund.status for refund in visit.booking.refunds] == ["failed"] * 3
    assert action_required(VEHICLE_SERVICE, visit.booking) == "attention"
    gateway.refunds_wait = False
    await visit.asks(RetryRefund(ADMIN, visit.booking.refunds[0].id))
    await visit.becomes(lambda booking: booking.refunds[-1].status == "processed")
    assert len(visit.booking.refunds) == 4
    assert (await visit.mailed()).count("refund-delayed") == 1
    with pytest.raises(NothingPending):
        await visit.asks(RetryRefund(ADMIN, visit.booking.refunds[0].id))


async def test_a_refund_for_which_the_balance_is_too_low_waits_for_an_admins_push(estimated):
    visit = await estimated()
    await visit.paid_online()
    visit.engine.gateway.balance_is_low = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].needs_help)
    assert visit.booking.refunds[0].status == "pending"
    visit.engine.gateway.balance_is_low = False
    await visit.asks(RetryRefund(ADMIN, visit.booking.refunds[0].id))
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    assert action_required(VEHICLE_SERVICE, visit.booking) != "attention"


async def test_what_staff_refunded_by_hand_is_never_refunded_again(walked):
    visit = await walked("refunded_by_hand")
    paid = visit.booking.payments[0]
    assert visit.engine.gateway.money_back(paid.order_id) == paid.amount
    assert [(r.by_hand, r.status) for r in visit.booking.refunds] == [(False, "failed"), (True, "processed")]
    assert totals(visit.booking).refunded == paid.amount
    assert action_required(VEHICLE_SERVICE, visit.booking) == "attention"


async def test_a_refund_by_hand_keeps_the_status_and_asks_for_the_admin_until_it_is_looked_at(estimated):
    visit = await estimated()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    visit.engine.gateway.refund_by_hand(paid.payment_id, 50000)
    await visit.reports_payment(paid.order_id)
    await visit.becomes(lambda booking: booking.refunds)
    assert (visit.booking.status, totals(visit.booking).refunded) == (VisitStatus.IN_PROGRESS, 50000)
    assert totals(visit.booking).due == 0
    assert action_required(VEHICLE_SERVICE, visit.booking) == "attention"
    await visit.asks(ClearAttention(ADMIN, "a present for the delay"))
    assert action_required(VEHICLE_SERVICE, visit.booking) == "assign"
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[-1].status == "processed")
    fee = visit.booking.cancellation.fee + visit.booking.cancellation.gst_on_fee
    assert visit.engine.gateway.money_back(paid.order_id) == paid.amount - fee


async def test_a_refund_waits_while_its_payment_is_disputed_and_goes_when_the_dispute_is_won(walked):
    visit = await walked("disputed")
    actions = visit.actions
    assert actions.count("dispute") == 2
    assert actions.index("refund") > len(actions) - 1 - actions[::-1].index("dispute")
    assert visit.booking.refunds[0].status == "processed"


async def test_a_dispute_that_is_lost_takes_the_place_of_the_refund(estimated):
    visit = await estimated()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(visit.engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    assert action_required(VEHICLE_SERVICE, visit.booking) == "attention"
    await visit.cancelled()
    await visit.drop_assigned()
    await visit.brought_home()
    await visit.hears_of_dispute(visit.engine.gateway.dispute(paid.payment_id, "lost").dispute_id)
    await visit.closes()
    assert visit.engine.gateway.money_back(paid.order_id) == 0
    assert visit.booking.disputes[0].amount_deducted == paid.amount


async def test_a_booking_that_is_given_up_after_a_lost_dispute_owes_nothing_and_closes(estimated):
    visit = await estimated()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(visit.engine.gateway.dispute(paid.payment_id, "lost").dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    await visit.cancelled()
    await visit.drop_assigned()
    await visit.brought_home()
    await visit.closes()
    assert visit.booking.cancellation.refund == 0
    assert visit.engine.gateway.money_back(paid.order_id) == 0


async def test_cash_that_is_refused_on_site_can_be_paid_online_there(walked):
    visit = await walked("paid_on_site")
    assert visit.booking.status == VisitStatus.DELIVERED
    assert visit.actions.index("refuse-payment") < visit.actions.index("pay")
    kept = [payment for payment in visit.booking.payments if payment.status == "success"]
    assert [(payment.method, payment.leg) for payment in kept] == [(Method.ONLINE, "service")]
    assert waiting_for(VEHICLE_SERVICE, visit.booking) is None
    assert len(visit.booking.invoices) == 1


async def test_a_fee_can_be_paid_online_when_the_car_comes_home(received):
    visit = await received()
    await visit.cancelled()
    await visit.drop_assigned()
    await visit.asks(commands.ChooseCash(visit.mechanic))
    order = visit.order
    assert (order.amount, order.leg) == (visit.due, "fee")
    visit.engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    await visit.brought_home()
    await visit.closes()


async def test_cash_that_was_taken_after_all_sends_the_money_of_the_order_on_site_back(estimated):
    visit = await estimated()
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.asks(commands.ChooseCash(visit.mechanic))
    order = visit.order
    await visit.cash_verified()
    visit.engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.brought_home()
    await visit.closes()


async def test_a_provider_that_is_down_keeps_nobody_from_paying_cash_on_site(received):
    visit = await received()
    await visit.cancelled()
    await visit.drop_assigned()
    visit.engine.gateway.key_is_refused = True
    await visit.asks(commands.ChooseCash(visit.mechanic))
    visit.engine.gateway.key_is_refused = False
    assert visit.booking.collection_open
    assert visit.booking.live_order() is None
    await visit.asks(commands.ChooseCash(visit.mechanic))
    assert visit.order.amount == visit.due


async def test_while_payments_are_paused_cash_is_taken_on_site_and_no_order_is_made(received):
    visit = await received()
    await visit.cancelled()
    await visit.drop_assigned()
    visit.engine.pauses.payments, made = True, len(visit.engine.gateway.orders)
    try:
        await visit.asks(commands.ChooseCash(visit.mechanic))
        assert visit.booking.collection_open
        assert (visit.booking.live_order(), len(visit.engine.gateway.orders)) == (None, made)
    finally:
        visit.engine.pauses.payments = False
    await visit.asks(commands.ChooseCash(visit.mechanic))
    assert visit.order.amount == visit.due


async def test_a_key_that_the_provider_refuses_stops_a_choice_at_once_and_calls_the_admin(estimated):
    visit = await estimated()
    visit.engine.gateway.key_is_refused = True
    with pytest.raises(Unavailable):
        await visit.confirmed(Method.ONLINE)
    visit.engine.gateway.key_is_refused = False
    assert action_required(VEHICLE_SERVICE, visit.booking) == "attention"
    assert (await visit.order_opened()).amount > 0


async def test_an_order_that_is_over_is_looked_at_again_and_its_money_goes_back(engine, sweep):
    late = await PATHS["superseded_then_paid"](engine)
    order_id = next(payment.order_id for payment in late.booking.payments if payment.order_id)
    late.engine.gateway.pay(order_id, status="captured")
    late.engine.hints.over.append(PaymentEvent(booking_id=late.id, order_id=order_id, looks=1, kind=KIND))
    await late.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"] * 2)


async def _cancelled_while_refunds_wait(estimated) -> tuple[Visit, object]:
    visit = await estimated()
    await visit.paid_online()
    visit.engine.gateway.refunds_wait = True
    await visit.cancelled()
    return visit, visit.engine.gateway


async def test_a_refund_by_hand_that_the_bank_fails_after_the_credit_note_is_invoiced_again(engine, estimated):
    visit = await estimated()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    made = engine.gateway.refund_by_hand(paid.payment_id, paid.amount)
    await visit.hears_of(paid.order_id)
    await visit.becomes(lambda booking: booking.credit_notes)
    engine.gateway.finish(made.refund_id, "failed")
    await visit.hears_of(paid.order_id)
    await visit.becomes(lambda booking: len(booking.invoices) == 2)
    assert [invoice.total for invoice in visit.booking.invoices] == [paid.amount, paid.amount]
    assert visit.booking.attention[-1].endswith("the money is ours again")
