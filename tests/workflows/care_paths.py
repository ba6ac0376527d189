"""Paths on which somebody puts right what went wrong: an admin, the check of the rows, a release."""

from datetime import UTC, datetime, timedelta

from domain.booking import Event
from domain.commands import ClearAttention, Command, RetryRefund
from domain.decide import decide
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ADMIN, ASHA, BRAKES, LATA, RAVI, actor
from tests.workflows.changed_fee import CarelessWorkflow
from tests.workflows.engine import Engine
from tests.workflows.path_ends import opened_visit, returned, started_again, with_waiting_refund
from tests.workflows.running_booking import eventually
from tests.workflows.variants import running, worked_by
from tests.workflows.visit import Visit
from workflows.booking.messages import refund_workflow_id


async def refund_retried(engine: Engine) -> Visit:
    """The balance is too low for a refund until an admin has filled it."""
    visit, refund = await with_waiting_refund(engine)
    engine.gateway.balance_is_low = False
    await visit.asks(RetryRefund(ADMIN, refund.id))
    return await returned(visit)


async def refund_started_by_a_retry(engine: Engine) -> Visit:
    """A refund that an earlier run of the booking had started is terminated as well; nobody but an admin notices."""
    visit, refund = await with_waiting_refund(engine)
    await visit.handle.terminate("by mistake")
    tried = engine.gateway.calls["refund"]
    await started_again(visit)
    await eventually(lambda: engine.gateway.calls["refund"] > tried)
    await engine.client.get_workflow_handle(refund_workflow_id(refund.key)).terminate()
    engine.gateway.balance_is_low = False
    await visit.asks(RetryRefund(ADMIN, refund.id))
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    return await returned(visit)


async def invoice_unrecorded(engine: Engine) -> Visit:
    """The workflow is lost when its invoice is numbered and not recorded, and the booking cancelled meanwhile."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    engine.books.loses_answers = True
    order = await visit.order_opened()
    engine.gateway.pay(order.order_id)
    await visit.reports_payment(order.order_id)
    await eventually(lambda: any(booking == visit.id for booking, *_ in engine.books.issued))
    await visit.cancelled()
    await visit.handle.terminate("by mistake")
    engine.books.loses_answers = False
    await started_again(visit)
    await visit.becomes(lambda booking: booking.credit_notes and booking.refunds[0].status == "processed")
    return await returned(visit)


async def attention_cleared(engine: Engine) -> Visit:
    """The provider refuses to let us take a payment; an admin has looked at it, and the customer gives up."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    order = await visit.order_opened()
    engine.gateway.refuses_captures = True
    engine.gateway.pay(order.order_id)
    await visit.reports_payment()
    await visit.becomes(lambda booking: booking.attention)
    engine.gateway.refuses_captures = False
    await visit.asks(ClearAttention(ADMIN, "the customer was called"))
    await visit.cancelled()
    return await returned(visit)


async def refund_made_after_all(engine: Engine) -> Visit:
    """The bank fails a refund, the next attempt waits for the balance, and then the first one was paid after all."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    engine.gateway.refunds_wait, engine.gateway.balance_is_low = False, True
    first = visit.booking.refunds[0]
    engine.gateway.finish(first.refund_id, "failed")
    await visit.reports_refund(first.key)
    await visit.becomes(lambda booking: len(booking.refunds) == 2 and booking.refunds[1].needs_help)
    engine.gateway.finish(first.refund_id)
    await visit.hears_of(visit.booking.payments[0].order_id)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")
    engine.gateway.balance_is_low = False
    return await returned(visit)


async def repaired(engine: Engine) -> Visit:
    """A worker died between the commit and Temporal's record of it, and nobody repeated the command.

    Release 0.2.0, which has recorded the history of this name, took the step back.
    """
    visit = await opened_visit(engine)
    await visit.pickup_assigned()
    lost = decide(VEHICLE_SERVICE, visit.booking, commands.Cancel(ASHA), visit.booking.updated_at)
    await engine.store.project(lost, None)
    await visit.handle.signal(VehicleServiceWorkflow.projection_seen, lost.version)
    await visit.closes()
    return visit


async def forgotten(visit: Visit, *steps: Command) -> list[Event]:
    """The rows got these steps a minute ago and the workflow did not, as if its server came from an older copy.

    Answers the timeline.
    """
    for step in steps:
        after = decide(VEHICLE_SERVICE, visit.booking, step, datetime.now(UTC) - timedelta(minutes=1))
        await visit.engine.store.project(after, f"forgotten-{after.version}")
    return visit.engine.store.timeline(visit.id)


async def behind_its_rows(engine: Engine) -> Visit:
    """Temporal is restored from an older copy, twice: the check of the rows tells it, and then a command meets it."""
    visit = await opened_visit(engine)
    await forgotten(visit, commands.Assign(ADMIN, Job.PICKUP, RAVI), commands.SubmitProgress(actor(RAVI), "Collected"))
    await visit.handle.signal(VehicleServiceWorkflow.projection_seen, visit.booking.version)
    await visit.becomes(lambda booking: booking.attention)
    await visit.quiet()
    report = visit.open_report
    await forgotten(visit, commands.ValidateProgress(ADMIN, report), commands.Assign(ADMIN, Job.ANALYSIS, LATA))
    await visit.cancelled()
    return await returned(visit)


async def disputed_and_lost(engine: Engine) -> Visit:
    """The bank decides for the customer: what it took is not refunded as well."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    await visit.cancelled()
    await returned(visit, closes=False)
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id, "lost").dispute_id)
    await visit.closes()
    return visit


async def decided_otherwise(engine: Engine) -> Visit:
    """A release with another fee takes up a cancelled booking, and gives it back to the release before it."""
    async with running(engine, VehicleServiceWorkflow) as visit:
        await visit.estimate_ready()
        await visit.paid_online()
        await visit.service_assigned()
        await visit.work_reported(BRAKES)
        await visit.report_validated()
        await visit.cancelled()
        await visit.becomes(lambda booking: booking.credit_notes)
        await visit.quiet()
    async with worked_by(visit, CarelessWorkflow):
        await visit.drop_assigned()
        await visit.quiet()
    async with worked_by(visit, VehicleServiceWorkflow):
        await visit.brought_home()
        await visit.closes()
    return visit
