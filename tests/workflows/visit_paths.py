"""Paths of the visit itself: estimate, work, deadlines, cancellation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.commands import ClearAttention
from domain.decide import first_version
from domain.emails import booking_emails
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import PickupType, Timeslot, Wish
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
from tests.workflows.path_ends import brought_home, brought_home_for_cash, opened_visit, returned, started_again
from tests.workflows.visit import Visit, leg_in, ms, new_booking, windows

EVENING = Timeslot(4, "Evening", "16:00", "20:00")
UNANSWERED = windows(decision_window=ms(4000), decision_reminders=(ms(9000), ms(2800), ms(1600)))


async def online(engine: Engine) -> Visit:
    """Paid online, brought home."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    await visit.work_done()
    return await brought_home(visit)


async def cash(engine: Engine) -> Visit:
    """Paid in cash on site."""
    visit = await opened_visit(engine)
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
    visit = await opened_visit(engine, pickup_type=PickupType.WALK_IN)
    await visit.estimate_ready()
    await visit.asks(commands.ChooseCash(ASHA))
    await visit.work_done()
    await visit.cash_verified(ADMIN)
    await visit.handed_over()
    await visit.closes()
    return visit


async def declined_recommended(engine: Engine) -> Visit:
    """The customer takes the brakes and the recommended filter, and declines the oil."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online(BRAKES, FILTER)
    await visit.work_done(ALL_ROUNDER)
    return await brought_home(visit)


async def sent_back(engine: Engine) -> Visit:
    """The pickup report, the analysis and a report of work are corrected or sent back before they pass."""
    visit = await opened_visit(engine)
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
    return await brought_home(visit)


async def reassigned(engine: Engine) -> Visit:
    """Every job goes to another mechanic before it is done; the work is shared."""
    visit = await opened_visit(engine)
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
    return await brought_home(visit, ALL_ROUNDER)


async def decision_lapsed(engine: Engine) -> Visit:
    """Nobody answers the estimate: reminded, cancelled, brought back, the fee paid on site."""
    visit = await opened_visit(engine, policy=UNANSWERED)
    await visit.estimate_ready()
    await visit.becomes(lambda booking: booking.status is VisitStatus.CANCELLED)
    return await returned(visit)


async def next_slot_taken(engine: Engine) -> Visit:
    """The slot that was found for a wish without a date is taken before it is reserved: the next one is."""
    slot = Timeslot(700 + len(engine.store.capacity), "Lunch", "12:00", "13:00")
    engine.store.capacity[slot.id] = 1
    for day in (2, 3):
        await opened_visit(engine, pickup=leg_in(day, slot))
    visit = await opened_visit(engine, pickup=leg_in(2, slot), wish=Wish(pickup_slot=slot.id))
    await visit.cancelled()
    await visit.closes()
    return visit


async def opened_by_a_lost_task(engine: Engine) -> Visit:
    """The task that opened it had found other slots for it than it finds when it is done again."""
    slot = Timeslot(700 + len(engine.store.capacity), "Lunch", "12:00", "13:00")
    engine.store.capacity[slot.id] = 1
    visit = Visit(engine, new_booking(pickup=leg_in(2, slot), wish=Wish(pickup_slot=slot.id)))
    reserved = replace(visit.new, pickup=leg_in(3, slot))
    first = first_version(VEHICLE_SERVICE, reserved, ASHA, datetime.now(UTC))
    await engine.store.open(first, None, booking_emails(VEHICLE_SERVICE, reserved, first))
    await visit.opens()
    await visit.pickup_assigned()
    await visit.cancelled()
    await visit.closes()
    return visit


async def cancelled_free(engine: Engine) -> Visit:
    """Given up before the car was collected."""
    visit = await opened_visit(engine)
    await visit.pickup_assigned()
    await visit.cancelled()
    await visit.closes()
    return visit


async def cancelled_with_a_fee_to_pay(engine: Engine) -> Visit:
    """Given up with the car in the workshop and nothing paid: the fee is due when it comes home."""
    visit = await opened_visit(engine)
    await visit.received()
    await visit.cancelled()
    return await returned(visit)


async def cancelled_with_fee_and_refund(engine: Engine) -> Visit:
    """Given up half way through the paid work: what was done is kept, the rest goes back."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    await visit.service_assigned()
    await visit.work_reported(BRAKES)
    await visit.report_validated()
    await visit.cancelled()
    await visit.becomes(lambda booking: all(refund.status == "processed" for refund in booking.refunds))
    return await returned(visit)


async def rescheduled(engine: Engine) -> Visit:
    """Moved to another day and slot after the pickup was given to a mechanic."""
    visit = await opened_visit(engine)
    await visit.pickup_assigned()
    await visit.asks(commands.Reschedule(ASHA, leg_in(4, EVENING), leg_in(6, EVENING)))
    await visit.estimate_ready()
    await visit.asks(commands.Reschedule(ADMIN, drop=leg_in(7)))
    await visit.cash_agreed()
    await visit.work_done()
    return await brought_home_for_cash(visit)


async def alerted(engine: Engine) -> Visit:
    """Admins are slow: the pickup and the report each wait too long."""
    slow = windows(validation_alert=ms(150), unassigned_alert=timedelta(hours=2))
    visit = await opened_visit(engine, policy=slow, pickup=leg_in(1, starts_in=timedelta(hours=2, milliseconds=150)))
    await visit.becomes(lambda booking: len(booking.alerted) == 1)
    await visit.pickup_assigned()
    await visit.collected()
    await visit.becomes(lambda booking: len(booking.alerted) == 2)
    await visit.report_validated()
    await visit.cancelled()
    return await returned(visit)


async def cancelled_in_the_temporal_ui(engine: Engine) -> Visit:
    """A raw Cancel of the workflow is an admin's cancel."""
    visit = await opened_visit(engine)
    await visit.received()
    await visit.handle.cancel()
    await visit.becomes(lambda booking: booking.status is VisitStatus.CANCELLED)
    return await returned(visit)


async def restarted(engine: Engine) -> Visit:
    """The workflow is terminated by mistake and starts again from its rows."""
    visit = await opened_visit(engine)
    await visit.received()
    await visit.handle.terminate("by mistake")
    await started_again(visit)
    await visit.becomes(lambda booking: booking.attention)
    await visit.asks(ClearAttention(ADMIN))
    await visit.cancelled()
    return await returned(visit)
