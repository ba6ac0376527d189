"""Paths on which the payment provider knows more than anybody has told."""

from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.workflows.engine import Engine
from tests.workflows.path_ends import (
    brought_home,
    brought_home_for_cash,
    opened_visit,
    returned,
    started_again,
    with_waiting_refund,
)
from tests.workflows.visit import Visit, ms, windows


async def paid_at_the_decision_deadline(engine: Engine) -> Visit:
    """The decision window ends while the payment is at the bank: the deadline waits, and the money confirms."""
    visit = await opened_visit(engine, policy=windows(decision_window=ms(1500), decision_reminders=()))
    await visit.estimate_ready()
    payment = engine.gateway.pay((await visit.order_opened()).order_id, status="created")
    await visit.pause(1.6)
    engine.gateway.becomes(payment.payment_id, "authorized")
    await visit.becomes(lambda booking: booking.invoices)
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    return await returned(visit)


async def disputed_unheard(engine: Engine) -> Visit:
    """A dispute that only the provider knows holds the refund back, and tells the booking; the rest goes when lost."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    engine.gateway.dispute(paid.payment_id, amount=100_000)
    await visit.cancelled()
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    await returned(visit, closes=False)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "lost", amount=100_000).dispute_id)
    await visit.becomes(lambda booking: [each.status for each in booking.refunds] == ["failed", "processed"])
    await visit.closes()
    return visit


async def told_in_vain(engine: Engine) -> Visit:
    """What is reported is known already: a task that decides nothing leaves an event all the same."""
    visit = await opened_visit(engine)
    await visit.pickup_assigned()
    for _ in range(3):
        await visit.handle.signal(VehicleServiceWorkflow.projection_seen, 1)
        await visit.quiet()
    await visit.cancelled()
    await visit.closes()
    return visit


async def disputed_while_down(engine: Engine) -> Visit:
    """The bank takes the money while no workflow of the booking runs and the refund waits for the balance."""
    visit, refund = await with_waiting_refund(engine)
    await visit.handle.terminate("by mistake")
    engine.gateway.dispute(refund.payment_id, "lost", amount=100_000)
    engine.gateway.balance_is_low = False
    await started_again(visit)
    await visit.becomes(lambda booking: [each.status for each in booking.refunds] == ["failed", "processed"])
    return await returned(visit)


async def disputed_and_won(engine: Engine) -> Visit:
    """A refund that waits for the balance is held back by a dispute, and told to proceed when it is won."""
    visit, refund = await with_waiting_refund(engine)
    dispute = engine.gateway.dispute(refund.payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    engine.gateway.balance_is_low = False
    await visit.hears_of_dispute(engine.gateway.dispute(refund.payment_id, "won").dispute_id)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    return await returned(visit)


async def disputed_before_it_was_known(engine: Engine) -> Visit:
    """A dispute overtakes its payment, which the provider lets us take only later; it is recorded then, and lost."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.refuses_captures = True
    paid = engine.gateway.pay(order.order_id)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, amount=100_000).dispute_id)
    await visit.becomes(lambda booking: len(booking.attention) == 2)  # the capture, and the unknown payment
    engine.gateway.refuses_captures = False
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "lost", amount=100_000).dispute_id)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["lost"])
    await visit.work_done()
    return await brought_home(visit)


async def disputed_before_another_order(engine: Engine) -> Visit:
    """A dispute of an order that was superseded overtakes its payment: what comes is sent back when it is won."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    await visit.cash_agreed()
    paid = engine.gateway.pay(order.order_id)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: len(booking.attention) == 1)
    engine.gateway.becomes(paid.payment_id, "captured")
    await visit.reports_payment(order.order_id)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "won").dispute_id)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    await visit.work_done()
    return await brought_home_for_cash(visit)
