"""A row is committed a moment before its workflow knows; who has read the row must not be refused for that."""

import asyncio

from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ADMIN, RAVI, actor


async def test_who_has_read_a_row_that_is_ahead_is_judged_when_the_workflow_has_caught_up(opened):
    visit = await opened()
    await visit.asks(commands.Assign(ADMIN, Job.PICKUP, RAVI))
    ahead = visit.booking.version + 1
    report_id = visit.booking.id * 1000 + visit.booking.children + 1
    async with visit.engine.stopped():
        first = visit.in_background(visit.asks(commands.SubmitProgress(actor(RAVI), "collected")))
        await visit.pause(0.2)
        word = commands.ValidateProgress(ADMIN, report_id, seen_version=ahead)
        second = visit.in_background(visit.handle.execute_update(VehicleServiceWorkflow.validate_progress, word))
        await visit.pause(0.2)
    collected, validated = await asyncio.gather(first, second)
    assert (collected.version, validated.version) == (ahead, ahead + 1)


async def test_who_claims_to_have_read_a_version_that_never_comes_is_judged_by_what_is_there(opened):
    visit = await opened()
    answer = await visit.handle.execute_update(VehicleServiceWorkflow.cancel, commands.Cancel(ADMIN, seen_version=99))
    assert answer.status == "cancelled"
    assert visit.versions == [1, 2]
