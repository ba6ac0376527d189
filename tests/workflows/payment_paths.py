"""Paths of payments, refunds and disputes."""

from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.workflows.engine import Engine
from tests.workflows.path_ends import brought_home, brought_home_for_cash, opened_visit, returned, with_waiting_refund
from tests.workflows.visit import Visit, ms, windows

IMPATIENT = windows(payment_window=ms(250))


async def payment_lapsed_then_paid(engine: Engine) -> Visit:
    """The payment window closes, the booking waits on, and the late money of that order still confirms."""
    visit = await opened_visit(engine, policy=IMPATIENT)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.becomes(lambda booking: booking.live_order() is None)
    engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    await visit.work_done()
    return await brought_home(visit)


async def payment_failed_then_paid(engine: Engine) -> Visit:
    """The bank declines once; the same order is paid after all."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.pay(order.order_id, status="failed")
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.payments[0].failed_attempts)
    engine.gateway.pay(order.order_id)
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.invoices)
    await visit.work_done()
    return await brought_home(visit)


async def superseded_then_paid(engine: Engine) -> Visit:
    """The customer changes to cash and pays the old order nevertheless: that money goes back whole."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cash_agreed()
    engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.work_done()
    return await brought_home_for_cash(visit)


async def paid_twice(engine: Engine) -> Visit:
    """Two payments of one order: one confirms, the other goes back."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.pay(order.order_id, status="captured")
    engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment()
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.work_done()
    return await brought_home(visit)


async def refund_pending(engine: Engine) -> Visit:
    """The provider takes its time with the refund; the booking closes when a report says that it is done."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    engine.gateway.refunds_wait = False
    await returned(visit, closes=False)
    refund = visit.booking.refunds[0]
    engine.gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.closes()
    return visit


async def capture_refused(engine: Engine) -> Visit:
    """The provider does not let us take authorised money: an admin is asked, the customer changes to cash."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.refuses_captures = True
    engine.gateway.pay(order.order_id)
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.attention)
    engine.gateway.refuses_captures = False
    await visit.cash_agreed()
    await visit.work_done()
    return await brought_home_for_cash(visit)


async def late_money(engine: Engine) -> Visit:
    """The order of a booking that was cancelled and closed is paid all the same: its workflow is reopened."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cancelled()
    await returned(visit)
    engine.gateway.pay(order.order_id, status="captured")
    await visit.hears_of(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.closes()
    return visit


async def refund_failed_then_processed(engine: Engine) -> Visit:
    """The bank fails a refund; the next attempt for the same money goes through."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    engine.gateway.refunds_wait = False
    refund = visit.booking.refunds[0]
    engine.gateway.finish(refund.refund_id, "failed")
    await visit.reports_refund(refund.key)
    await visit.becomes(lambda booking: [each.status for each in booking.refunds] == ["failed", "processed"])
    return await returned(visit)


async def paid_on_site(engine: Engine) -> Visit:
    """Cash was agreed, on site it is refused, and then paid with a fresh order."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.asks(commands.ChooseCash(visit.mechanic))
    await visit.asks(commands.RefusePayment(visit.mechanic, "has no cash"))
    order = visit.order
    engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    await visit.brought_home()
    await visit.closes()
    return visit


async def lowered_by_hand(engine: Engine) -> Visit:
    """Staff give less than the fee back while the refund waits for the balance: only the rest of it is sent."""
    visit, refund = await with_waiting_refund(engine)
    engine.gateway.balance_is_low = False
    engine.gateway.refund_by_hand(refund.payment_id, 5000)
    await visit.reports_payment(visit.booking.payments[0].order_id)
    await visit.becomes(lambda booking: [each.status for each in booking.refunds] == ["failed", *["processed"] * 2])
    return await returned(visit)


async def refund_by_hand_failed(engine: Engine) -> Visit:
    """Staff give all of it back while our refund waits for the balance; the bank fails theirs, and we send it."""
    visit, refund = await with_waiting_refund(engine)
    engine.gateway.balance_is_low = False
    by_hand = engine.gateway.refund_by_hand(refund.payment_id, refund.amount)
    order_id = visit.booking.payments[0].order_id
    await visit.reports_payment(order_id)
    await visit.becomes(lambda booking: [each.by_hand for each in booking.refunds if not each.replaced] == [True])
    engine.gateway.finish(by_hand.refund_id, "failed")
    await visit.hears_of(order_id)
    await visit.becomes(lambda booking: processed(booking) == refund.amount)
    return await returned(visit)


async def refunded_by_hand(engine: Engine) -> Visit:
    """Staff refund in the dashboard what we are about to refund: nothing goes back twice."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    engine.gateway.refund_by_hand(paid.payment_id, paid.amount)
    await visit.cancelled()
    await visit.becomes(lambda booking: any(refund.by_hand for refund in booking.refunds))
    return await returned(visit)


async def late_money_refunded_by_hand(engine: Engine) -> Visit:
    """Staff refund half of what came late by hand, we the rest; the bank fails the first half: we refund that too."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cancelled()
    await returned(visit)
    paid = engine.gateway.pay(order.order_id, status="captured")
    by_hand = engine.gateway.refund_by_hand(paid.payment_id, paid.amount // 2)
    await visit.hears_of(order.order_id)
    await visit.becomes(lambda booking: processed(booking) == paid.amount)
    engine.gateway.finish(by_hand.refund_id, "failed")
    await visit.hears_of(order.order_id)
    await visit.becomes(lambda booking: any(each.by_hand and each.status == "failed" for each in booking.refunds))
    await visit.becomes(lambda booking: processed(booking) == paid.amount)
    await visit.closes()
    return visit


def processed(booking: VisitBooking) -> int:
    return sum(refund.amount for refund in booking.refunds if refund.status == "processed")


async def disputed(engine: Engine) -> Visit:
    """A dispute freezes the refund of a cancelled booking; when it is won the money goes back."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    await visit.cancelled()
    await returned(visit, closes=False)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "won").dispute_id)
    await visit.closes()
    return visit
