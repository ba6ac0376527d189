"""How the paths begin and end, and begin again."""

from adapters.temporal.executions import WorkflowExecutions
from domain.billing.records import Refund
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Mechanic
from tests.kinds.vehicle_service.people import RAVI
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit, new_booking
from workers.activities import NAMES


async def opened_visit(engine: Engine, **other: object) -> Visit:
    return await Visit(engine, new_booking(**other)).opens()


async def with_waiting_refund(engine: Engine) -> tuple[Visit, Refund]:
    """Paid online and cancelled; the refund waits for the balance."""
    visit = await opened_visit(engine)
    await visit.estimate_ready()
    await visit.paid_online()
    return visit, await visit.refund_without_balance()


async def started_again(visit: Visit) -> None:
    """The workflow was terminated and goes on from its rows."""
    executions = WorkflowExecutions(visit.engine.client, NAMES)
    await executions.restart(VEHICLE_SERVICE, visit.booking, "its workflow was terminated", terminate=False)


async def brought_home(visit: Visit, mechanic: Mechanic = RAVI) -> Visit:
    await visit.drop_assigned(mechanic)
    await visit.brought_home()
    await visit.closes()
    return visit


async def brought_home_for_cash(visit: Visit) -> Visit:
    """What is due is paid on site, before the car is handed over."""
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    await visit.closes()
    return visit


async def returned(visit: Visit, *, closes: bool = True) -> Visit:
    """A cancelled car comes home; what is due is paid on site."""
    await visit.drop_assigned()
    if visit.due:
        await visit.cash_verified()
    await visit.brought_home()
    if closes:
        await visit.closes()
    return visit
