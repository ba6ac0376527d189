"""Stored histories of services against the rules and the workflow of today; recorded by ``record``."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from domain.lifecycle import Transition
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import Complete
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from kinds.local_services.domain.parts import Cause, Outcome
from kinds.local_services.domain.roles import Party
from kinds.local_services.domain.rules import RULES
from kinds.local_services.worker import WORKER
from kinds.local_services.workflow import LocalServiceWorkflow
from tests.kinds.local_services.record import HISTORIES
from tests.of_every import of_every
from tests.workflows.replay import history, replayed
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner

STORED = sorted(HISTORIES.glob("*.json"))
BY_SENTENCE = {(Status.IN_PROGRESS, Action.CANCEL, Party.REQUESTER)}
"""In the table, but refused by the rule: a dispute is opened instead."""


def _is_own(action: str, by: Collection[str]) -> bool:
    """The engine has the same word for what banks say of payments."""
    return action in set(Action) and not (action == Action.DISPUTE and set(by) == {Party.SYSTEM})


async def test_the_stored_histories_pass_every_row_of_the_table():
    assert [fault for path in STORED if (fault := await replayed().fault(path))] == []
    steps = [step for step in replayed().seen.steps if step.kind == LOCAL_SERVICES.name]
    own = {(Status(at), action): row for (at, action), row in LIFECYCLE.transitions.items() if _is_own(action, row.by)}
    rows = {(Status(step.before), step.done.action, Status(step.done.to)) for step in steps}
    assert {(at, action, to) for (at, action), row in own.items() for to in row.to} == rows
    cancels = {(at, action, by) for (at, action), row in own.items() if action == Action.CANCEL for by in row.by}
    assert cancels - BY_SENTENCE == {
        (Status(step.before), Action.CANCEL, step.after.party_of(step.command.actor))
        for step in steps
        if step.done.action in (Action.CANCEL, Action.DECLINE)
    }
    bookings: list[ServiceBooking] = [step.after for step in steps]
    assert {each.cancellation.cause for each in bookings if each.cancellation} == set(Cause)
    decisions = [each.dispute.decision for each in bookings if each.dispute]
    assert {decision.outcome for decision in decisions if decision} == set(Outcome)


def complete_and_forget(booking: ServiceBooking, command: Complete, now: datetime) -> Transition:
    done = RULES[Complete](booking, command, now)
    booking.offers.clear()
    return done


async def test_the_replay_names_a_service_that_would_be_decided_otherwise(monkeypatch):
    other = replace(LOCAL_SERVICES, rules={**RULES, Complete: complete_and_forget})
    monkeypatch.setattr(LocalServiceWorkflow, "kind", other)
    fault = await HistoryReplay([WORKER], ReplayableRunner()).fault(history(HISTORIES / "run_3.json"))
    assert re.search(r"booking 2001: version \d+ was decided otherwise .*: offers$", fault or "no fault")


def test_a_service_over_several_runs_is_stored_from_its_first_to_its_last():
    runs = [history(path).events for path in STORED if path.stem.startswith("run_")]
    carried = [bool(run[0].workflow_execution_started_event_attributes.continued_execution_run_id) for run in runs]
    goes_on = [run[-1].HasField("workflow_execution_continued_as_new_event_attributes") for run in runs]
    assert len(runs) > 1
    assert carried == [False, *[True] * (len(runs) - 1)]
    assert goes_on == [*[True] * (len(runs) - 1), False]


@of_every(STORED)
def test_no_history_says_where_it_was_recorded(path):
    assert not re.search(r"stackTrace|\.py\b|@", path.read_text())
