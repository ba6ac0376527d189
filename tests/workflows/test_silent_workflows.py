"""A comparison of the books names every open booking whose workflow cannot go on (defects 13 and D2)."""

from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.reconciliation import SILENT_AT_MOST, ReconciliationActivities, Span
from domain.billing.ledger import Difference, DifferenceKind
from tests.fakes.gateway import FakeGateway
from tests.workflows.test_heartbeats import NOW, LongLedger

KIND = "vehicle_service"


class Ledger(LongLedger):
    """Nothing but open bookings."""

    def __init__(self, opened: list[tuple[str, int, int]], problems: list[tuple[int, str, str]]) -> None:
        super().__init__()
        self.seen.set()
        self._opened, self._problems = opened, problems

    async def open_bookings(self, span: Span) -> list[tuple[str, int, int]]:
        return self._opened

    async def workflow_problems(self) -> list[tuple[int, str, str]]:
        return self._problems


class Workflows:
    """Versions by booking; the others do not answer."""

    def __init__(self, versions: dict[int, int]) -> None:
        self._versions = versions
        self.asked: list[int] = []

    async def version(self, kind: str, booking_id: int) -> int | None:
        self.asked.append(booking_id)
        return self._versions.get(booking_id)


async def differences(ledger: Ledger, workflows: Workflows) -> list[Difference]:
    activities: Any = ReconciliationActivities(FakeGateway(), ledger, workflows)
    return list((await ActivityEnvironment().run(activities.compare_books, Span(NOW, NOW), [], [])).differences)


@pytest.mark.parametrize(
    ("problems", "detail", "asked"),
    [
        ([], "its workflow has ended or does not answer", [1, 2]),
        ([(2, "failing", "the tasks of its workflow fail")], "the tasks of its workflow fail", [1]),
    ],
    ids=["that nobody knows of yet", "that the recovery knows of"],
)
async def test_a_workflow_that_does_not_answer_is_a_difference(problems, detail, asked):
    workflows = Workflows({1: 7})
    [found] = await differences(Ledger([(KIND, 1, 7), (KIND, 2, 3)], problems), workflows)
    assert (found.kind, found.booking_id, found.detail) == (DifferenceKind.ROW_AND_WORKFLOW, 2, detail)
    assert workflows.asked == asked


async def test_while_nobody_works_on_bookings_not_all_of_them_are_waited_for():
    workflows = Workflows({})
    found = await differences(Ledger([(KIND, number, 1) for number in range(1, 100)], []), workflows)
    assert len(found) == len(workflows.asked) == SILENT_AT_MOST
