"""A booking whose workflow was ended by mistake, as its customer and the shop's admin see it (defects 13 and D2)."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import ResourceExhaustedFailure
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.postgres.workflow_problems import RecoveryStanding
from api.bookings import calls, restarts
from api.bookings.restarts import Restarts
from domain.errors import BookingStalled, Conflict, TooMany, Unavailable
from domain.recovery import BookingRef
from operations.recovery import recovery, recovery_text
from tests.api.concurrent import Api
from tests.workflows.servers import connected
from workflows.booking.messages import booking_workflow_id

LIMIT = timedelta(seconds=5)


@pytest.fixture(scope="module")
async def temporal(api: Api) -> Client:
    return await connected(api.info["temporal"])


async def terminated(temporal: Client, booking: dict[str, Any]) -> None:
    await temporal.get_workflow_handle(booking_workflow_id("vehicle_service", booking["id"])).terminate("by mistake")


async def test_a_customers_command_waits_until_the_workflow_is_started_again_and_is_performed(visits, temporal):
    owner, booking = visits.booked()
    await terminated(temporal, booking)
    assert owner.cancel(booking["id"], "sold the car")["status"] == "cancelled"
    [told] = visits.shop.admin.booking(booking["id"])["attention"]
    assert told == "its workflow was terminated; it was started again from its rows"
    assert "attention" not in owner.booking(booking["id"])


async def test_an_admin_finds_it_on_the_dashboard_and_can_clear_it(visits, temporal):
    _, booking = visits.booked()
    await terminated(temporal, booking)
    admin, mechanic = visits.shop.admin, visits.shop.mechanics[0]
    admin.assign(booking["id"], mechanic.id, visits.shop.assignment_type("pickup"))
    board = admin.get("/bookings/admin/dashboard", action_required="attention", limit=100)
    assert booking["id"] in [row["id"] for row in board["bookings"]]
    assert set(board["workflows"]) == {"missing", "failing", "restarts_stopped"}
    admin.post(f"/bookings/admin/attention/{booking['id']}", {"note": "seen"})
    assert admin.booking(booking["id"])["attention"] == []


async def test_restarts_and_problems_are_counted_for_prometheus(visits, temporal, api):
    owner, booking = visits.booked()
    before = counter((await api.http.get("/metrics")).text)
    await terminated(temporal, booking)
    owner.cancel(booking["id"], "sold the car")
    text = (await api.http.get("/metrics")).text
    assert counter(text) == before + 1
    for name in ("bookings_without_workflow", "workflows_failing", "recovery_stopped", "recovery_looked_at_seconds"):
        assert f"\nrevcare_{name} " in text


def counter(text: str) -> int:
    return next(
        int(line.split()[1]) for line in text.splitlines() if line.startswith("revcare_workflow_restarts_total")
    )


async def test_an_operator_sees_how_it_stands_and_is_refused_what_does_not_fit(visits, temporal, api, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", api.info["temporal"])
    told = recovery_text(await recovery("show", None))
    assert {line.split("  ")[0] for line in told.splitlines()} == {"looked at", "missing", "failing", "started again"}
    with pytest.raises(Conflict, match="the recovery was not stopped"):
        await recovery("go-on", None)
    _, booking = visits.booked()
    with pytest.raises(Conflict, match="its workflow runs, and its tasks do not fail"):
        await recovery("restart", BookingRef("vehicle_service", booking["id"]))


class FakeProblems:
    """What the recovery has left to be read."""

    def __init__(self, *, stopped: bool = False, polled: bool = True) -> None:
        self._standing = RecoveryStanding(None, polled, 0, 0, "now" if stopped else None, 0)

    async def standing(self) -> RecoveryStanding:
        return self._standing


class FakeTemporal:
    """A Temporal that knows no workflow."""

    def get_workflow_handle(self, workflow_id: str) -> "FakeTemporal":
        return self

    async def signal(self, *args: Any, **more: Any) -> None:
        raise RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b"")


@pytest.mark.parametrize(
    ("problems", "why"),
    [
        (FakeProblems(stopped=True), "wait for the shop to have them started again"),
        (FakeProblems(polled=False), "nobody works on bookings"),
        (FakeProblems(), "is being started again"),
    ],
)
async def test_who_waits_in_vain_is_told_why_and_when_to_ask_again(problems, why, monkeypatch):
    monkeypatch.setattr(restarts, "RESTARTED_WITHIN", timedelta(milliseconds=50))

    async def nobody() -> Any:
        raise RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b"")

    with pytest.raises(Unavailable, match=why) as refused:
        await Restarts(FakeTemporal(), problems).performed(BookingRef("vehicle_service", 1), LIMIT, nobody)
    assert refused.value.data["retry_after"] >= 30


async def test_a_command_for_a_workflow_whose_tasks_fail_is_told_so(monkeypatch):
    monkeypatch.setattr(calls, "_BETWEEN_TRIES", 0.001)

    async def failing() -> Any:
        raise RPCError("Workflow Task in failed state", RPCStatusCode.FAILED_PRECONDITION, b"")

    with pytest.raises(BookingStalled) as refused:
        await calls.within(LIMIT, failing)
    assert refused.value.detail.startswith("A fault of ours keeps this booking from going on")
    assert refused.value.data == {"retry_after": 60}


def refused_for(cause: str) -> RPCError:
    """As the server says it: gRPC's status, with the cause among its details."""
    status = GrpcStatus(code=RPCStatusCode.RESOURCE_EXHAUSTED.value, message="workflow operation can not be applied")
    status.details.add().Pack(ResourceExhaustedFailure(cause=cause))
    return RPCError(status.message, RPCStatusCode.RESOURCE_EXHAUSTED, status.SerializeToString())


@pytest.mark.parametrize(
    "refusal",
    [
        refused_for("RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW"),
        RPCError("workflow update was aborted", RPCStatusCode.UNAVAILABLE, b""),
    ],
    ids=["between two runs", "its task was lost"],
)
async def test_a_command_that_only_its_workflow_refuses_for_a_moment_is_sent_again(monkeypatch, refusal):
    monkeypatch.setattr(calls, "_BETWEEN_TRIES", 0.001)
    outcomes = [refusal, None]

    async def refused_at_first() -> str:
        if (refusal := outcomes.pop(0)) is not None:
            raise refusal
        return "done"

    assert await calls.within(LIMIT, refused_at_first) == "done"


async def test_a_command_that_all_of_temporal_is_too_busy_for_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(calls, "_BETWEEN_TRIES", 0.001)
    asked = []

    async def busy() -> Any:
        asked.append("once")
        raise refused_for("RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT")

    with pytest.raises(TooMany):
        await calls.within(LIMIT, busy)
    assert asked == ["once"]
