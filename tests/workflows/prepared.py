"""Visits whose workflow begins in the middle: what came before is no subject of the test.

A step on a server costs sixty milliseconds of the processor, by the rules alone it costs next to nothing. The workflow
begins as one that goes on in another run: with the state, and without the e-mails that were sent before.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Self

from domain.commands import Command
from domain.decide import decide, first_version
from domain.temporal_ui import search_attribute_values
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.ui import static_details, static_summary
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ASHA
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit, new_booking
from workflows.booking.messages import Ack, Start
from workflows.booking.rechecks import Recheck
from workflows.search_attributes import search_attributes


class UnstartedVisit(Visit):
    """A visit without a workflow: the rules decide each step, and the rows show it."""

    async def opens(self, update_id: str | None = None) -> Self:
        booking = first_version(VEHICLE_SERVICE, self.new, ASHA, datetime.now(UTC))
        await self.engine.store.open(booking, update_id)
        return self

    async def asks(self, request: Command, update_id: str | None = None, seen: int = 0) -> Ack:
        booking = decide(VEHICLE_SERVICE, self.booking, request, datetime.now(UTC))
        await self.engine.store.project(booking, update_id)
        return Ack(booking.id, str(booking.status), booking.version)


Walk = Callable[[Visit], Awaitable[Any]]
"""The steps up to where a test begins: none that needs the provider."""


async def begun(
    visit: Visit, booking: VisitBooking, workflow: type = VehicleServiceWorkflow, rechecks: tuple[Recheck, ...] = ()
) -> Visit:
    """The visit, whose workflow goes on from this state. ``rechecks``: what an earlier run could not fetch."""
    run: Any = workflow.run  # type: ignore[attr-defined]
    await visit.engine.client.start_workflow(
        run,
        Start(booking, ASHA, rechecks=rechecks),
        id=visit.handle.id,
        task_queue=visit.queue,
        search_attributes=search_attributes(search_attribute_values(VEHICLE_SERVICE, booking)),
        static_summary=static_summary(booking),
        static_details=static_details(booking),
    )
    return visit


async def begun_after(visit: Visit, walk: Walk, workflow: type = VehicleServiceWorkflow) -> Visit:
    """The visit, whose workflow begins after that walk."""
    unstarted = await UnstartedVisit(visit.engine, visit.new).opens()
    await walk(unstarted)
    return await begun(visit, unstarted.booking, workflow)


async def prepared(engine: Engine, walk: Walk, **other: Any) -> Visit:
    """A new visit, whose workflow begins after that walk."""
    return await begun_after(Visit(engine, new_booking(**other)), walk)
