"""Stored histories of reservations against the rules and the workflow of today; recorded by ``record``."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory

from domain.errors import BookingError
from domain.lifecycle import Transition
from tests.kinds.table_reservation.domain.booking import Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.domain.rules import RULES
from tests.kinds.table_reservation.record import HISTORIES
from tests.kinds.table_reservation.worker import WORKER
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import Ack, Start

STORED = sorted(HISTORIES.glob("*.json"))


def seat_and_forget(booking: TableBooking, command: Seat, now: datetime) -> Transition:
    booking.former_guests.clear()
    return RULES[Seat](booking, command, now)


@workflow.defn(name=TABLE_RESERVATION.workflow, failure_exception_types=[BookingError])
class OtherRules(TableReservationWorkflow):
    """A release that decides otherwise what was decided."""

    kind = replace(TABLE_RESERVATION, rules={**RULES, Seat: seat_and_forget})

    @workflow.init
    def __init__(self, start: Start[TableBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[TableBooking]) -> Ack:
        return await super().run(start)


def history(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text())


def test_both_ends_of_a_reservation_over_several_runs_are_stored():
    (began, left), (went_on, ended) = [
        (history(name).events[0], history(name).events[-1]) for name in ("first_run", "last_run")
    ]
    assert not began.workflow_execution_started_event_attributes.continued_execution_run_id
    assert went_on.workflow_execution_started_event_attributes.continued_execution_run_id
    assert left.HasField("workflow_execution_continued_as_new_event_attributes")
    assert ended.HasField("workflow_execution_completed_event_attributes")


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
async def test_a_recorded_reservation_can_go_on_with_the_code_of_today(path):
    assert await HistoryReplay([WORKER]).fault(history(path.stem)) is None


async def test_the_replay_names_a_reservation_that_would_be_decided_otherwise():
    replay = HistoryReplay([replace(WORKER, workflow=OtherRules)], ReplayableRunner())
    assert await replay.fault(history("first_run")) is None
    fault = await replay.fault(history("last_run"))
    assert re.search(r"booking 42: version \d+ was decided otherwise .*: former_guests$", fault)


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_no_history_says_where_it_was_recorded(path):
    assert not re.search(r"stackTrace|\.py\b|@", path.read_text())
