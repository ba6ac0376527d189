"""The ways a visit can go, one function each: walked by the journey tests, recorded for the replay gate.

A path that is named here must have its histories in ``tests/histories`` (``python -m tests.workflows.record``).
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.booking import Mechanic, PickupType, Timeslot
from kinds.vehicle_service.domain.lifecycle import State
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ALL_ROUNDER,
    ASHA,
    BRAKES,
    FILTER,
    MEENA,
    OIL,
    PETER,
    RAVI,
    recommended,
)
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit, leg_in, ms, new_booking, windows

Path = Callable[[Engine], Awaitable[Visit]]
EVENING = Timeslot(4, "Evening", "16:00", "20:00")
UNANSWERED = windows(decision_window=ms(4000), decision_reminders=(ms(9000), ms(2800), ms(1600)))
IMPATIENT = windows(payment_window=ms(250))


async def online(engine: Engine) -> Visit:
    """Paid online, brought home."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    await visit.work_done()
    return await _home(visit)


async def cash(engine: Engine) -> Visit:
    """Paid in cash on site."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.asks(commands.ChooseCash(visit.mechanic))
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    return visit


async def walk_in(engine: Engine) -> Visit:
    """Brought to the workshop and fetched there, paid in cash."""
    visit = await _open(engine, pickup_type=PickupType.WALK_IN)
    await visit.estimate_ready()
    await visit.asks(commands.ChooseCash(ASHA))
    await visit.work_done()
    await visit.cash_verified(ADMIN)
    await visit.handed_over()
    await visit.closes()
    return visit


async def declined_recommended(engine: Engine) -> Visit:
    """The customer takes the brakes and the recommended filter, and declines the oil."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online(BRAKES, FILTER)
    await visit.work_done(ALL_ROUNDER)
    return await _home(visit)


async def sent_back(engine: Engine) -> Visit:
    """The pickup report, the analysis and a report of work are corrected or sent back before they pass."""
    visit = await _open(engine)
    await visit.pickup_assigned()
    await visit.collected()
    await visit.report_sent_back()
    await visit.collected()
    await visit.asks(commands.EditProgress(ADMIN, visit.open_report, notes="A scratch on the left door, as before"))
    await visit.report_validated()
    await visit.analysis_assigned()
    await visit.analysis_submitted()
    await visit.analysis_sent_back()
    await visit.analysis_submitted(recommending=[recommended(quote=55000)])
    await visit.asks(commands.EditAnalysis(ADMIN, quotes={BRAKES: 160000, OIL: 80000}))
    await visit.estimate_validated()
    await visit.paid_online()
    await visit.service_assigned()
    await visit.work_reported()
    await visit.report_sent_back()
    await visit.work_reported(BRAKES)
    await visit.report_validated()
    await visit.work_reported(OIL)
    await visit.report_validated()
    return await _home(visit)


async def reassigned(engine: Engine) -> Visit:
    """Every job goes to another mechanic before it is done; the work is shared."""
    visit = await _open(engine)
    await visit.pickup_assigned()
    await visit.pickup_assigned(ALL_ROUNDER)
    await visit.collected()
    await visit.report_validated()
    await visit.analysis_assigned()
    await visit.analysis_assigned(ALL_ROUNDER)
    await visit.analysis_submitted()
    await visit.estimate_validated()
    await visit.paid_online()
    await visit.service_assigned(PETER)
    await visit.work_reported(OIL)
    await visit.report_validated()
    await visit.service_assigned(MEENA)
    await visit.work_reported(BRAKES)
    await visit.report_validated()
    await visit.drop_assigned(RAVI)
    return await _home(visit, ALL_ROUNDER)


async def decision_lapsed(engine: Engine) -> Visit:
    """Nobody answers the estimate: reminded, cancelled, brought back, the fee paid on site."""
    visit = await _open(engine, policy=UNANSWERED)
    await visit.estimate_ready()
    await visit.becomes(lambda booking: booking.status is State.CANCELLED)
    return await _returned(visit)


async def payment_lapsed_then_paid(engine: Engine) -> Visit:
    """The payment window closes, the booking waits on, and the late money of that order still confirms."""
    visit = await _open(engine, policy=IMPATIENT)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.becomes(lambda booking: booking.live_order() is None)
    engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: booking.invoices)
    await visit.work_done()
    return await _home(visit)


async def payment_failed_then_paid(engine: Engine) -> Visit:
    """The bank declines once; the same order is paid after all."""
    visit = await _open(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.pay(order.order_id, status="failed")
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.payments[0].failed_attempts)
    engine.gateway.pay(order.order_id)
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.invoices)
    await visit.work_done()
    return await _home(visit)


async def superseded_then_paid(engine: Engine) -> Visit:
    """The customer changes to cash and pays the old order nevertheless: that money goes back whole."""
    visit = await _open(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cash_agreed()
    engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.work_done()
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    return visit


async def paid_twice(engine: Engine) -> Visit:
    """Two payments of one order: one confirms, the other goes back."""
    visit = await _open(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.pay(order.order_id, status="captured")
    engine.gateway.pay(order.order_id, status="captured")
    await visit.reports_payment()
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.work_done()
    return await _home(visit)


async def cancelled_free(engine: Engine) -> Visit:
    """Given up before the car was collected."""
    visit = await _open(engine)
    await visit.pickup_assigned()
    await visit.cancelled()
    await visit.closes()
    return visit


async def cancelled_with_a_fee_to_pay(engine: Engine) -> Visit:
    """Given up with the car in the workshop and nothing paid: the fee is due when it comes home."""
    visit = await _open(engine)
    await visit.received()
    await visit.cancelled()
    return await _returned(visit)


async def cancelled_with_fee_and_refund(engine: Engine) -> Visit:
    """Given up half way through the paid work: what was done is kept, the rest goes back."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    await visit.service_assigned()
    await visit.work_reported(BRAKES)
    await visit.report_validated()
    await visit.cancelled()
    await visit.becomes(lambda booking: all(refund.status == "processed" for refund in booking.refunds))
    return await _returned(visit)


async def refund_pending(engine: Engine) -> Visit:
    """The provider takes its time with the refund; the booking closes when a report says that it is done."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    engine.gateway.refunds_wait = False
    await _returned(visit, closes=False)
    refund = visit.booking.refunds[0]
    engine.gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.closes()
    return visit


async def rescheduled(engine: Engine) -> Visit:
    """Moved to another day and slot after the pickup was given to a mechanic."""
    visit = await _open(engine)
    await visit.pickup_assigned()
    await visit.asks(commands.Reschedule(ASHA, leg_in(4, EVENING), leg_in(6, EVENING)))
    await visit.estimate_ready()
    await visit.asks(commands.Reschedule(ADMIN, drop=leg_in(7)))
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    return visit


async def alerted(engine: Engine) -> Visit:
    """Admins are slow: the pickup and the report each wait too long."""
    slow = windows(validation_alert=ms(150), unassigned_alert=timedelta(hours=2))
    visit = await _open(engine, policy=slow, pickup=leg_in(1, starts_in=timedelta(hours=2, milliseconds=150)))
    await visit.becomes(lambda booking: len(booking.alerted) == 1)
    await visit.pickup_assigned()
    await visit.collected()
    await visit.becomes(lambda booking: len(booking.alerted) == 2)
    await visit.report_validated()
    await visit.cancelled()
    return await _returned(visit)


async def capture_refused(engine: Engine) -> Visit:
    """The provider does not let us take authorised money: an admin is asked, the customer changes to cash."""
    visit = await _open(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.refuses_captures = True
    engine.gateway.pay(order.order_id)
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.attention)
    engine.gateway.refuses_captures = False
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    return visit


async def cancelled_in_the_temporal_ui(engine: Engine) -> Visit:
    """A raw Cancel of the workflow is an admin's cancel."""
    visit = await _open(engine)
    await visit.received()
    await visit.handle.cancel()
    await visit.becomes(lambda booking: booking.status is State.CANCELLED)
    return await _returned(visit)


async def late_money(engine: Engine) -> Visit:
    """The order of a booking that was cancelled and closed is paid all the same: its workflow is reopened."""
    visit = await _open(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cancelled()
    await _returned(visit)
    engine.gateway.pay(order.order_id, status="captured")
    await visit.hears_of(order.order_id)
    await visit.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await visit.closes()
    return visit


async def refund_failed_then_processed(engine: Engine) -> Visit:
    """The bank fails a refund; the next intent for the same money goes through."""
    visit = await _open(engine)
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
    return await _returned(visit)


async def paid_on_site(engine: Engine) -> Visit:
    """Cash was agreed, on site it is refused, and then paid with a fresh order."""
    visit = await _open(engine)
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


async def refunded_by_hand(engine: Engine) -> Visit:
    """Staff refund in the dashboard what we are about to refund: nothing goes back twice."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    engine.gateway.refund_by_hand(paid.payment_id, paid.amount)
    await visit.cancelled()
    await visit.becomes(lambda booking: any(refund.by_hand for refund in booking.refunds))
    return await _returned(visit)


async def disputed(engine: Engine) -> Visit:
    """A dispute freezes the refund of a cancelled booking; when it is won the money goes back."""
    visit = await _open(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    await visit.cancelled()
    await _returned(visit, closes=False)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "won").dispute_id)
    await visit.closes()
    return visit


async def _open(engine: Engine, **other: object) -> Visit:
    return await Visit(engine, new_booking(**other)).opens()


async def _home(visit: Visit, mechanic: Mechanic = RAVI) -> Visit:
    await visit.drop_assigned(mechanic)
    await visit.brought_home()
    await visit.closes()
    return visit


async def _returned(visit: Visit, *, closes: bool = True) -> Visit:
    """A cancelled car comes home; what is due is paid on site."""
    await visit.drop_assigned()
    if visit.due:
        await visit.cash_verified()
    await visit.brought_home()
    if closes:
        await visit.closes()
    return visit


PATHS: dict[str, Path] = {
    path.__name__: path
    for path in (
        online,
        cash,
        walk_in,
        declined_recommended,
        sent_back,
        reassigned,
        decision_lapsed,
        payment_lapsed_then_paid,
        payment_failed_then_paid,
        superseded_then_paid,
        paid_twice,
        cancelled_free,
        cancelled_with_a_fee_to_pay,
        cancelled_with_fee_and_refund,
        refund_pending,
        rescheduled,
        alerted,
        capture_refused,
        cancelled_in_the_temporal_ui,
        late_money,
        refund_failed_then_processed,
        paid_on_site,
        refunded_by_hand,
        disputed,
    )
}
