"""What a booking cannot say itself, because its workflow does not work, stands beside what it says."""

import orjson
import pytest

from adapters.pages import Filters, Slice
from adapters.postgres.booking_lists import BookingLists
from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.workflow_problems import WorkflowProblemRows
from domain.people import Actor, Role
from domain.recovery import BookingRef, Problem, WorkflowProblem
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.contracts.shops import RealShop, opened

ADMIN = Actor(Role.ADMIN, "ADM000001")


@pytest.mark.parametrize(("problem", "counted"), [(Problem.MISSING, "missing"), (Problem.FAILING, "failing")])
async def test_the_dashboard_and_the_detail_show_a_booking_whose_workflow_does_not_work(
    database, day, problem, counted
):
    """Defect D2: it was shown as waiting for its customer."""
    shop, queries = RealShop(database), BookingQueries(database, VEHICLE_SERVICE)
    lists = BookingLists(database, VEHICLE_SERVICE, STORAGE)
    ill, well = [(await opened(shop, day)).booking.id for _ in range(2)]
    found = WorkflowProblem(BookingRef(VEHICLE_SERVICE.name, ill), problem, "why")
    await WorkflowProblemRows(database).replace([found], 1, polled=True)
    board = await lists.dashboard(Filters(), Slice(100, 0))
    required = {row["id"]: row["action_required"] for row in orjson.loads(board.rows)}
    assert (required[ill], required[well]) == ("attention", "assign")
    narrowed = await lists.dashboard(Filters(action_required="attention"), Slice(100, 0))
    assert [row["id"] for row in orjson.loads(narrowed.rows)] == [ill]
    none = {"missing": 0, "failing": 0, "restarts_stopped": False}
    assert orjson.loads(board.workflows) == {**none, counted: 1}
    assert [(await queries.detail(number, ADMIN)).problem for number in (ill, well)] == ["why", None]
