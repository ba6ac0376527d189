"""How the paths begin and end."""

from kinds.vehicle_service.domain.parts import Mechanic
from tests.kinds.vehicle_service.people import RAVI
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit, new_booking


async def opened_visit(engine: Engine, **other: object) -> Visit:
    return await Visit(engine, new_booking(**other)).opens()


async def brought_home(visit: Visit, mechanic: Mechanic = RAVI) -> Visit:
    await visit.drop_assigned(mechanic)
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
