"""The test for every change of a workflow: open bookings must be able to go on with it.

A failure here says that running bookings would break. Guard the change with ``workflow.patched("yyyy-mm-topic")``;
``python -m tests.workflows.record`` is for paths that are new or whose new course is meant (see ``record``).
"""

import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner
from temporalio.workflow import NondeterminismError

from adapters.temporal.client import DATA_CONVERTER
from adapters.temporal.messages import MessageCheck
from domain.state_digest import state_digest
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.workflows.broken_workflows import DelayedStart, OtherRule, OtherRuleStrict, ReorderedCommands, Strict
from tests.workflows.engine import KINDS, watchful
from tests.workflows.paths import PATHS
from tests.workflows.record import HISTORIES
from workers.queues import workflow_types
from workers.sandbox import workflow_runner

STORED = sorted(HISTORIES.glob("*.json"))
BESIDES = {"sweep", "recovery", "latepay", "email", "password_reset", "service_reminders", "first_run", "last_run"}
"""Histories that are no path of a visit: sweep, recovery, late payment events, e-mails without a booking, reminders (a
round that goes on in another run), and the two ends of a visit that was continued as new."""
STRICT: dict[type, type] = {VehicleServiceWorkflow: Strict}
"""Here a version that the rules of today decide otherwise is an error; the product only logs it."""


def replayer(*workflows: type, runner: WorkflowRunner | None = None) -> Replayer:
    return Replayer(
        workflows=workflows or [STRICT.get(each, each) for queue in workflow_types(KINDS).values() for each in queue],
        workflow_runner=runner or watchful(workflow_runner(KINDS)),
        data_converter=DATA_CONVERTER,
        interceptors=[MessageCheck()],
    )


def history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("stored", path.read_text())


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
async def test_a_recorded_workflow_can_go_on_with_the_code_of_today(path):
    await replayer().replay_workflow(history(path))


def test_every_path_has_its_history():
    missing = (set(PATHS) | BESIDES) - {path.stem for path in STORED}
    assert not missing, f"record them: python -m tests.workflows.record ({', '.join(sorted(missing))})"


def test_every_path_that_sends_money_back_has_the_history_of_its_refund():
    stems = {path.stem for path in STORED}
    with_child = {
        path.stem for path in STORED if "CHILD_WORKFLOW_EXECUTION_STARTED" in path.read_text() and "." not in path.stem
    }
    assert with_child
    assert {f"refund.{stem}" for stem in with_child} <= stems


def test_no_history_is_of_a_path_that_nobody_walks():
    walked = set(PATHS) | BESIDES
    assert not [path.stem for path in STORED if path.stem.removeprefix("refund.").split(".")[0] not in walked]


def test_no_history_says_where_it_was_recorded():
    assert not [path.stem for path in STORED if re.search(r"stackTrace|\.py\b|@", path.read_text())]


@pytest.mark.parametrize("broken", [DelayedStart, ReorderedCommands])
async def test_the_replay_stops_a_workflow_whose_commands_changed(broken):
    with pytest.raises(NondeterminismError):
        await replayer(broken, runner=workflow_runner(KINDS)).replay_workflow(history(HISTORIES / "online.json"))


async def test_the_replay_stops_a_release_that_decides_otherwise_what_was_decided():
    """Defect 8: a rule that changes would rewrite fees and refunds of open bookings, with the same commands."""
    stored = history(HISTORIES / "cancelled_with_fee_and_refund.json")
    with pytest.raises(RuntimeError, match="would be decided otherwise today"):
        await replayer(OtherRuleStrict, runner=workflow_runner(KINDS)).replay_workflow(stored)


async def test_a_booking_goes_on_where_a_release_decides_otherwise_and_the_log_says_so(caplog):
    stored = history(HISTORIES / "cancelled_with_fee_and_refund.json")
    await replayer(OtherRule, runner=workflow_runner(KINDS, sandboxed=False)).replay_workflow(stored)
    assert any("was decided otherwise" in record.getMessage() for record in caplog.records)


def test_the_digest_of_a_state_tells_other_facts_but_not_a_new_empty_field():
    state = b'{"version":3,"fee":0,"lines":[{"id":1,"amount":500}],"note":null}'
    assert state_digest(state) == state_digest(b'{"lines":[{"amount":500,"id":1}],"version":3,"added":[],"later":""}')
    assert state_digest(state) != state_digest(state.replace(b"500", b"501"))
    assert state_digest(state) != state_digest(state.replace(b'"fee":0', b'"fee":100'))
