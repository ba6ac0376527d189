"""Every wait that has a deadline ends by itself; the windows are part of the booking, so nobody waits for days."""

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.workflows.broken_workflows import ShortPaymentGrace
from tests.workflows.deadlines import in_time
from tests.workflows.paths import PATHS
from tests.workflows.variants import running
from tests.workflows.visit import Visit, leg_in, ms, windows


async def test_an_unanswered_estimate_is_cancelled_with_the_inspection_fee_and_the_car_is_to_be_brought_back(estimated):
    visit = await estimated(policy=windows(decision_window=ms(250), decision_reminders=()))
    await visit.becomes(lambda booking: booking.status == "cancelled")
    fee = visit.booking.cancellation
    assert (fee.fee, fee.gst_on_fee, fee.returns_car, fee.by.role) == (10000, 1800, True, "system")
    assert visit.booking.with_us
    assert visit.booking.closed_at is None
    assert (await visit.view())[
        "waiting_for"
    ] == "Waiting for the admin to assign a mechanic to bring the vehicle back."


async def test_the_deadline_itself_is_kept_to_the_moment(walked):
    booking = (await walked("decision_lapsed")).booking
    late = booking.cancellation.at - booking.decision_until
    assert timedelta(0) <= late < timedelta(seconds=2)


async def test_the_customer_is_reminded_before_the_deadline_but_not_by_reminders_longer_than_the_window(walked):
    visit = await walked("decision_lapsed")
    reminders = [mail for mail in visit.engine.post.of(visit.id) if mail.slug == "decision-reminder"]
    assert sorted(reminder.sequence for reminder in reminders) == [1, 2]
    assert all(reminder.at < visit.booking.decision_until for reminder in reminders)


async def test_an_answer_ends_the_reminders_and_the_deadline(estimated):
    async def answered(times):
        window, reminder = times * ms(2500), times * ms(1000)
        visit = await estimated(policy=windows(decision_window=window, decision_reminders=(reminder,)))
        await visit.cash_agreed()
        return visit, visit.booking.decision_until - window + reminder

    visit = await in_time(answered)
    await visit.pause((visit.booking.decision_until - datetime.now(UTC)).total_seconds() + 0.1)
    assert visit.booking.status == "in-progress"
    assert "decision-reminder" not in visit.mails


async def test_a_lapsed_payment_window_leaves_the_booking_waiting_for_another_try(estimated):
    visit = await estimated(policy=windows(payment_window=ms(200)))
    first = await visit.order_opened()
    await visit.becomes(lambda booking: booking.live_order() is None)
    assert (visit.booking.status, visit.booking.payments[0].status) == ("analysed", "failed")
    assert (await visit.view())["waiting_for"].startswith("Waiting for the customer to approve the estimate until")
    second = await visit.order_opened()
    assert second.order_id != first.order_id


async def test_money_that_comes_after_its_window_still_confirms(walked):
    visit = await walked("payment_lapsed_then_paid")
    assert visit.actions.index("expire") < visit.actions.index("pay")
    assert visit.booking.refunds == []


async def test_a_payment_that_nobody_reported_is_found_when_its_window_ends(estimated):
    async def paid(times):
        visit = await estimated(policy=windows(payment_window=times * ms(1500)))
        order = await visit.order_opened()
        visit.engine.gateway.pay(order.order_id)
        return visit, order.expires_at

    visit = await in_time(paid)
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert "expire" not in visit.actions


async def test_a_payment_that_nobody_reported_is_found_at_the_decision_deadline_too(estimated):
    async def paid(times):
        visit = await estimated(policy=windows(decision_window=times * ms(2000), decision_reminders=()))
        order = await visit.order_opened()
        assert order.expires_at == visit.booking.decision_until
        visit.engine.gateway.pay(order.order_id)
        return visit, order.expires_at

    visit = await in_time(paid)
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.booking.cancellation is None


@asynccontextmanager
async def _at_the_bank(engine, payment_window=None):
    """Who pays just before the decision deadline an order that ends with it, or has lapsed after ``payment_window``."""
    payments = {}
    async with AsyncExitStack() as kept:

        async def paid(times):
            short = {} if payment_window is None else {"payment_window": payment_window}
            window = windows(decision_window=times * ms(1500), decision_reminders=(), **short)
            visit = await kept.enter_async_context(
                running(engine, ShortPaymentGrace, after=Visit.estimate_ready, policy=window)
            )
            order = await visit.order_opened()
            if payment_window is None:
                assert order.expires_at == visit.booking.decision_until
            else:
                await visit.becomes(lambda booking: booking.live_order() is None)
            payments[visit.id] = engine.gateway.pay(order.order_id, status="created").payment_id
            return visit, visit.booking.decision_until

        visit = await in_time(paid)
        yield visit, payments[visit.id]


@pytest.fixture
async def in_checkout(engine):
    """A customer who pays the lapsed order just before the decision deadline; the payment is at the bank."""
    async with _at_the_bank(engine, payment_window=ms(100)) as found:
        yield found


async def _deadline_is_over(visit):
    await visit.pause((visit.booking.decision_until - datetime.now(UTC)).total_seconds() + 0.2)
    assert visit.booking.status == "analysed"


async def test_a_decision_deadline_waits_for_a_payment_that_is_at_the_bank(in_checkout):
    visit, payment_id = in_checkout
    await _deadline_is_over(visit)
    visit.engine.gateway.becomes(payment_id, "authorized")
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.booking.cancellation is None


async def test_a_decision_deadline_waits_for_a_payment_of_the_order_that_ends_with_it(engine):
    async with _at_the_bank(engine) as (visit, payment_id):
        await _deadline_is_over(visit)
        engine.gateway.becomes(payment_id, "authorized")
        await visit.becomes(lambda booking: booking.status == "in-progress")
        assert visit.booking.cancellation is None


async def test_a_payment_that_fails_at_the_bank_lets_the_deadline_come(in_checkout):
    visit, payment_id = in_checkout
    await _deadline_is_over(visit)
    visit.engine.gateway.becomes(payment_id, "failed")
    await visit.becomes(lambda booking: booking.status == "cancelled")
    assert "payment-failed" in visit.actions[:-1]
    assert visit.booking.cancellation.at < visit.booking.decision_until + ShortPaymentGrace.payment_grace


async def test_a_deadline_does_not_wait_for_ever_for_a_bank_that_does_not_answer(in_checkout):
    visit, _ = in_checkout
    await visit.becomes(lambda booking: booking.status == "cancelled")
    waited = visit.booking.cancellation.at - visit.booking.decision_until
    assert ShortPaymentGrace.payment_grace <= waited < ShortPaymentGrace.payment_grace + timedelta(seconds=2)


async def test_a_deadline_waits_for_a_provider_that_refuses_our_key_at_that_moment(in_checkout):
    visit, payment_id = in_checkout
    visit.engine.gateway.key_is_refused = True
    try:
        await _deadline_is_over(visit)
    finally:
        visit.engine.gateway.key_is_refused = False
    visit.engine.gateway.becomes(payment_id, "captured")
    await visit.becomes(lambda booking: booking.status == "in-progress")


async def test_an_unpaid_order_counts_as_unanswered_at_the_decision_deadline(estimated):
    async def in_checkout(times):
        visit = await estimated(policy=windows(decision_window=times * ms(2000), decision_reminders=()))
        await visit.order_opened()
        return visit, visit.booking.decision_until

    visit = await in_time(in_checkout)
    await visit.becomes(lambda booking: booking.status == "cancelled")
    assert visit.booking.live_order() is None


async def test_a_pickup_that_nobody_was_given_calls_an_admin_before_the_slot(opened):
    slot = leg_in(1, starts_in=timedelta(hours=2, seconds=2))
    visit = await opened(policy=windows(unassigned_alert=timedelta(hours=2)), pickup=slot)
    assert not await visit.attribute("NeedsAttention")
    await visit.becomes(lambda booking: booking.event.action == "alert")
    assert await visit.attribute("NeedsAttention")
    await visit.pickup_assigned()
    assert not await visit.attribute("NeedsAttention")


async def test_an_analysis_that_nobody_validates_calls_an_admin_once(opened):
    visit = await opened(policy=windows(validation_alert=ms(150)))
    await visit.analysed()
    await visit.becomes(lambda booking: booking.event.action == "alert")
    await visit.pause(0.3)
    assert visit.actions.count("alert") == 1
    assert await visit.attribute("NeedsAttention")
    await visit.estimate_validated()
    assert not await visit.attribute("NeedsAttention")


async def test_a_dispute_of_a_closed_booking_calls_an_admin_when_it_was_not_answered_in_time(engine):
    visit = await PATHS["online"](engine)
    await visit.closes()
    gateway, payment_id = visit.engine.gateway, visit.booking.payments[0].payment_id
    respond_by = int(datetime.now(UTC).timestamp()) + 2
    await visit.hears_of_dispute(gateway.dispute(payment_id, respond_by=respond_by).dispute_id)
    await visit.becomes(lambda booking: booking.event.action == "alert")
    assert datetime.now(UTC).timestamp() >= respond_by
    assert visit.booking.attention == [visit.booking.event.note]
    assert visit.booking.event.note.endswith("that time is over")
    assert await visit.attribute("NeedsAttention")
    await visit.hears_of_dispute(gateway.dispute(payment_id, "lost").dispute_id)
    await visit.closes()
    assert visit.booking.disputes[0].status == "lost"


async def test_an_alert_stands_for_the_new_slot_after_a_move(opened):
    """What was due for the old slot is no longer said of the new one."""
    soon = leg_in(1, starts_in=timedelta(hours=2, milliseconds=100))
    visit = await opened(policy=windows(unassigned_alert=timedelta(hours=2)), pickup=soon)
    await visit.becomes(lambda booking: booking.event.action == "alert")
    await visit.rescheduled(pickup=leg_in(3), drop=leg_in(5))
    assert not await visit.attribute("NeedsAttention")
    later = leg_in(3, starts_in=timedelta(hours=2, milliseconds=200))
    await visit.rescheduled(pickup=later)
    await visit.becomes(lambda booking: visit.actions.count("alert") == 2)
