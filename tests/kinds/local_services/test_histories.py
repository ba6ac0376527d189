"""Stored histories of services against the rules and the workflow of today; recorded by ``record``."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio.worker import UnsandboxedWorkflowRunner

from domain.commands import Command
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
from tests.workflows.replay import history
from workers.replay import HistoryReplay

STORED = sorted(HISTORIES.glob("*.json"))
BY_SENTENCE = {(Status.IN_PROGRESS, Action.CANCEL, Party.REQUESTER)}
"""In the table, but refused by the rule: a dispute is opened instead."""


class Walked:
    """What the rules have granted: rows of the table, who called off when, causes and outcomes."""

    def __init__(self) -> None:
        self.rows: set[tuple[Status, str, Status]] = set()
        self.cancelled: set[tuple[Status, str, str]] = set()
        self.causes: set[Cause] = set()
        self.outcomes: set[Outcome] = set()
        self.rules = {command: self._watched(rule) for command, rule in RULES.items()}

    def _watched(self, rule: Any) -> Any:
        def watched(booking: ServiceBooking, command: Command, now: datetime) -> Transition:
            before = Status(booking.status)
            done = rule(booking, command, now)
            self.rows.add((before, done.action, Status(done.to)))
            if done.action in (Action.CANCEL, Action.DECLINE):
                self.cancelled.add((before, Action.CANCEL, booking.party_of(command.actor)))
            if booking.cancellation is not None:
                self.causes.add(booking.cancellation.cause)
            if booking.dispute is not None and booking.dispute.decision is not None:
                self.outcomes.add(booking.dispute.decision.outcome)
            return done

        return watched


def _is_own(action: str, by: Collection[str]) -> bool:
    """The engine has the same word for what banks say of payments."""
    return action in set(Action) and not (action == Action.DISPUTE and set(by) == {Party.SYSTEM})


async def test_the_stored_histories_pass_every_row_of_the_table(monkeypatch):
    walked = Walked()
    monkeypatch.setattr(LocalServiceWorkflow, "kind", replace(LOCAL_SERVICES, rules=walked.rules))
    replay = HistoryReplay([WORKER], UnsandboxedWorkflowRunner())
    assert [fault for path in STORED if (fault := await replay.fault(history(path)))] == []
    own = {(Status(at), action): row for (at, action), row in LIFECYCLE.transitions.items() if _is_own(action, row.by)}
    assert {(at, action, to) for (at, action), row in own.items() for to in row.to} == walked.rows
    cancels = {(at, action, by) for (at, action), row in own.items() if action == Action.CANCEL for by in row.by}
    assert cancels - BY_SENTENCE == walked.cancelled
    assert walked.causes == set(Cause)
    assert walked.outcomes == set(Outcome)


def complete_and_forget(booking: ServiceBooking, command: Complete, now: datetime) -> Transition:
    done = RULES[Complete](booking, command, now)
    booking.offers.clear()
    return done


async def test_the_replay_names_a_service_that_would_be_decided_otherwise(monkeypatch):
    other = replace(LOCAL_SERVICES, rules={**RULES, Complete: complete_and_forget})
    monkeypatch.setattr(LocalServiceWorkflow, "kind", other)
    fault = await HistoryReplay([WORKER], UnsandboxedWorkflowRunner()).fault(history(HISTORIES / "run_3.json"))
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
