"""The test for every change of a workflow: open bookings must be able to go on with it.

A failure here says that running bookings would break. Guard the change with ``workflow.patched("yyyy-mm-topic")``;
``python -m tests.workflows.record`` is for paths that are new or whose new course is meant (see ``record``).
"""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from temporalio.worker import WorkflowRunner

from domain.billing.refund_retries import record_refund
from domain.booking import Booking
from domain.commands import ClearAttention, Command, RecordInvoice, RecordRefund
from domain.decide import ENGINE_RULES
from domain.errors import BookingError, Conflict
from domain.lifecycle import Transition
from kinds.vehicle_service.domain.commands import Assign, ConfirmServices
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.worker import WORKER
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.workflows.broken_workflows import DelayedStart, ReorderedCommands
from tests.workflows.changed_fee import CarefulWorkflow, CarelessWorkflow
from tests.workflows.engine import KINDS, watchful
from tests.workflows.paths import PATHS
from tests.workflows.record import HISTORIES
from tests.workflows.replay import EVERYWHERE, STORED, Replayed, every_kind, faults, history, replayed
from workers.replay import HistoryReplay
from workers.sandbox import workflow_runner
from workers.task_boundaries import ReplayableRunner

GIVEN_UP = HISTORIES / "cancelled_with_fee_and_refund.json"
BESIDES = {"sweep", "recovery", "latepay", "email", "password_reset", "service_reminders", "first_run", "last_run"}
"""Histories that are no path of a visit: sweep, recovery, late payment events, e-mails without a booking, reminders (a
round that goes on in another run), and the two ends of a visit that was continued as new."""

EACH_WORKFLOW = BESIDES | {"online", "cancelled_with_fee_and_refund", "refund.cancelled_with_fee_and_refund"}
IN_THE_SANDBOX = [
    pytest.param(path, id=path.stem, marks=() if path.stem in EACH_WORKFLOW else pytest.mark.long) for path in STORED
]
"""The sandbox loads the workflows anew for each, a fifth of a second: some of each workflow, all in the long tests."""


def replay(workflow: type = VehicleServiceWorkflow, runner: WorkflowRunner | None = None) -> HistoryReplay:
    return HistoryReplay([replace(WORKER, workflow=workflow)], runner or watchful(workflow_runner(KINDS)))


@pytest.fixture(scope="module")
def sandboxed() -> Replayed:
    kinds = every_kind()
    return Replayed(kinds, watchful(workflow_runner(kinds)))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
async def test_a_recorded_workflow_can_go_on_with_the_code_of_today(path):
    assert await replayed().fault(path) is None


@pytest.mark.parametrize("path", IN_THE_SANDBOX)
async def test_a_recorded_workflow_can_go_on_in_the_sandbox(path, sandboxed):
    assert await sandboxed.fault(path) is None


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
    fault = await replay(broken, ReplayableRunner()).fault(history(HISTORIES / "online.json"))
    assert "TMPRL1100" in (fault or "no fault")


async def test_the_replay_stops_a_release_that_decides_otherwise_what_was_decided():
    """Defect 8: a rule that changes would rewrite fees and refunds of open bookings, with the same commands."""
    fault = await replay(CarelessWorkflow, ReplayableRunner()).fault(history(GIVEN_UP))
    assert re.search(r"booking \d+: version 14 was decided otherwise .*: cancellation, refunds$", fault or "no fault")


async def test_a_rule_that_asks_the_terms_of_the_booking_passes_the_replay():
    assert await replay(CarefulWorkflow, ReplayableRunner()).fault(history(GIVEN_UP)) is None


def refuse(booking: Booking, command: Command, now: datetime) -> Transition:
    raise Conflict("not any more")


def grant(booking: Booking, command: Command, now: datetime) -> Transition:
    try:
        return record_refund(booking, command, now)
    except BookingError:
        return Transition("refund", booking.status)


@pytest.mark.parametrize(
    ("command", "rule", "name", "said"),
    [
        (ClearAttention, refuse, "attention_cleared", "version 10 was decided otherwise .*: refused today"),
        (Assign, refuse, "alerted", "version 3 was decided otherwise .*: refused today"),
        (RecordRefund, refuse, "cancelled_with_fee_and_refund", "TMPRL1100"),
        (RecordRefund, grant, "disputed_unheard", "TMPRL1100"),
        (RecordInvoice, refuse, "online", "a background task failed"),
        (ConfirmServices, refuse, "online", "TMPRL1100"),
    ],
)
async def test_another_outcome_is_named_for_a_persons_command_and_stops_the_replay_for_the_systems(
    command, rule, name, said, monkeypatch
):
    """``docs/changing-a-rule.md`` says what such a change needs."""
    if command in ENGINE_RULES:
        monkeypatch.setitem(ENGINE_RULES, command, rule)
    else:
        changed = replace(VEHICLE_SERVICE, rules={**RULES, command: rule})
        monkeypatch.setattr(VehicleServiceWorkflow, "kind", changed)
    fault = await replay(runner=ReplayableRunner()).fault(history(HISTORIES / f"{name}.json"))
    assert re.search(said, fault or "no fault")


async def test_every_rule_is_in_a_stored_history():
    """Of every kind. Else nothing shows that a change of it leaves alone what was decided."""
    for path in EVERYWHERE:
        await replayed().fault(path)
    assert replayed().seen.missing(replayed().kinds) == []


def test_the_replay_knows_the_kinds_of_the_tests_too():
    assert {each.kind.name for each in every_kind()} == {"vehicle_service", "local_services", "table_reservation"}
    assert {path.parent for path in EVERYWHERE} > {HISTORIES}


async def test_a_rule_that_no_history_has_walked_is_named():
    found = await faults([HISTORIES / "cash.json"], say=lambda line: None)
    assert "tests.kinds.table_reservation.domain.rules.miss: in no stored history" in found
    assert "table_reservation.Cancel: in no stored history" in found
    assert "vehicle_service.VerifyCash: in no stored history" not in found
    assert "kinds.vehicle_service.domain.rules.cancelling.lapse_decision: in no stored history" in found
    assert "kinds.vehicle_service.domain.rules.paying.verify_cash: in no stored history" not in found
