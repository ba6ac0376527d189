"""The worker's log: JSON, with the booking in every line that is about one."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
import structlog
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from adapters.logs import configure_logging
from adapters.temporal.activity_log import ActivityLog, booking_of
from settings import Process
from workflows.booking.messages import booking_workflow_id, refund_workflow_id


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What goes to standard error while logging is set up as a worker sets it up."""
    root, output = logging.getLogger(), StringIO()
    before = root.handlers, root.level, structlog.get_config()
    monkeypatch.setattr("sys.stderr", output)
    configure_logging(Process(log_format="json"))
    yield output
    root.handlers, level, configuration = before
    root.setLevel(level)
    structlog.configure(**configuration)


class Slow(ActivityInboundInterceptor):
    """An activity that says one word, like those that know nothing of bookings."""

    def __init__(self) -> None:
        pass

    async def execute_activity(self, input: ExecuteActivityInput) -> str:  # noqa: A002 - theirs
        logging.getLogger("driver").warning("slow")
        return "done it"


async def do(workflow_id: str) -> str:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, workflow_id=workflow_id, activity_type="project", attempt=2)
    return await environment.run(ActivityLog().intercept_activity(Slow()).execute_activity, None)


def lines(output: StringIO) -> list[dict]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("workflow_id", "booking_id"),
    [
        (booking_workflow_id("vehicle_service", 1021), 1021),
        (refund_workflow_id("rf-1021-1021008-00000032"), 1021),
        (booking_workflow_id("table_reservation", 1022), 1022),
        ("payment-sweep", None),
        ("backup-20261129T101500-4f6a", None),
        ("latepay-order_1021", None),
        ("", None),
        (None, None),
    ],
)
def test_a_workflow_id_names_its_booking(workflow_id, booking_id):
    assert booking_of(workflow_id) == booking_id


async def test_what_is_logged_while_an_activity_runs_names_the_booking(written):
    assert await do(booking_workflow_id("vehicle_service", 1021)) == "done it"
    slow, done = lines(written)
    assert (slow["event"], slow["booking_id"], slow["attempt"], slow["level"]) == ("slow", 1021, 2, "warning")
    assert (done["event"], done["activity"], done["booking_id"]) == ("done", "project", 1021)


async def test_the_sweep_looks_around_without_a_word_of_its_own(written):
    await do("payment-sweep")
    assert [line["event"] for line in lines(written)] == ["slow"]


def test_what_the_sdk_logs_for_a_workflow_names_the_booking(written):
    extra = {"temporal_workflow": {"workflow_id": booking_workflow_id("vehicle_service", 1021)}}
    logging.getLogger("temporalio.workflow").warning("a mail was given up: %s", "delivered", extra=extra)
    (line,) = lines(written)
    assert (line["event"], line["booking_id"]) == ("a mail was given up: delivered", 1021)
