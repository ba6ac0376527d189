"""What a look at the workflows costs, and what it makes of an index that lags."""

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.workflow_checks import DESCRIBED_AT_MOST, WorkflowCheck, WorkflowCheckActivities, WorkflowCheckResult
from domain.recovery import BookingRef, Standing
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import KIND
from tests.fakes.problems import FakeProblems

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RUNS, LOST = Standing(runs=True), Standing(runs=False, ended="terminated")


class World:
    """Rows, an index of Temporal, and the truth; it notes what is asked."""

    def __init__(self, rows: Collection[int], indexed: Collection[int], lost: Collection[int] = ()) -> None:
        self.rows, self.indexed, self.lost = set(rows), set(indexed), set(lost)
        self.ended_lately: list[int] = []
        self.asked: list[str] = []
        self.problems = FakeProblems()

    async def looked(self, *, compare: bool = False, **explained: int) -> WorkflowCheckResult:
        self.asked.clear()
        checks = WorkflowCheckActivities({KIND: VEHICLE_SERVICE}, {KIND: self}, self, self.problems)
        check: Any = checks.check_workflows
        return await ActivityEnvironment().run(check, WorkflowCheck(NOW, explained, compare))

    async def count_unsettled(self) -> int:
        self.asked.append("count rows")
        return len(self.rows)

    async def unsettled(self, among: Collection[int] | None = None) -> list[int]:
        self.asked.append("rows" if among is None else "rows among")
        return sorted(each for each in self.rows if among is None or each in among)

    async def count_running(self, kind: Any) -> int:
        self.asked.append("count workflows")
        return len(self.indexed)

    async def running(self, kind: Any) -> AsyncIterator[int]:
        self.asked.append("workflows")
        for each in self.indexed:
            yield each

    async def ended(self, kind: Any, since: datetime, limit: int) -> list[int]:
        self.asked.append("closed runs")
        return self.ended_lately

    async def failing(self, kinds: Any, limit: int) -> tuple[int, list[Any]]:
        return 0, []

    async def standing(self, booking: BookingRef) -> Standing:
        self.asked.append("describe")
        return LOST if booking.booking_id in self.lost else RUNS

    async def polled(self) -> bool:
        return True


def missing(result: WorkflowCheckResult) -> list[int]:
    return [each.booking_id for each in result.missing]


MANY = range(1, 100_001)
COUNTS = ["closed runs", "count rows", "count workflows"]


async def test_a_hundred_thousand_bookings_that_all_run_are_counted_and_not_compared():
    world = World(MANY, MANY)
    assert missing(await world.looked()) == []
    assert world.asked == COUNTS


async def test_a_closed_run_is_found_without_a_comparison():
    world = World(MANY, MANY, lost=[7])
    world.ended_lately = [7, 8]
    assert missing(await world.looked()) == [7]
    assert world.asked == [*COUNTS, "describe", "describe", "rows among"]


async def test_rows_without_a_workflow_are_compared_and_each_is_asked_for_before_it_counts():
    """8 runs, but the index does not show it yet."""
    world = World(MANY, set(MANY) - {7, 8}, lost=[7])
    result = await world.looked()
    assert missing(result) == [7]
    assert world.asked == [*COUNTS, "rows", "workflows", "describe", "describe", "rows among"]
    assert result.explained == {KIND: 2}


async def test_a_difference_that_was_explained_is_not_compared_again_but_a_greater_one_is():
    world = World(MANY, set(MANY) - {8})
    first = await world.looked()
    assert missing(await world.looked(**first.explained)) == []
    assert world.asked == COUNTS
    world.indexed.discard(7)
    world.lost.add(7)
    assert missing(await world.looked(**first.explained)) == [7]


async def test_a_problem_that_is_known_is_looked_at_until_it_is_solved():
    world = World(MANY, set(MANY) - {7}, lost=[7])
    first = await world.looked()
    assert missing(await world.looked(**first.explained)) == [7]
    world.lost.clear()
    world.indexed.add(7)
    solved = await world.looked(**first.explained)
    assert (missing(solved), world.problems.known, solved.explained) == ([], {}, {KIND: 0})


async def test_bookings_that_are_being_opened_are_no_reason_to_compare():
    world = World(MANY, [*MANY, 100_001, 100_002])
    assert missing(await world.looked()) == []
    assert world.asked == COUNTS


async def test_two_errors_that_hide_each_other_are_found_by_the_comparison_of_every_half_hour():
    world = World(MANY, {*MANY, 100_001} - {7}, lost=[7])
    assert missing(await world.looked()) == []
    assert missing(await world.looked(compare=True)) == [7]


async def test_what_has_closed_meanwhile_is_not_missing():
    world = World([8], [], lost=[7, 8])
    world.ended_lately = [7]
    assert missing(await world.looked()) == [8]


async def test_an_index_that_shows_nothing_makes_no_booking_missing_and_is_not_asked_about_all():
    world = World(MANY, [])
    result = await world.looked()
    assert missing(result) == []
    assert world.asked.count("describe") == DESCRIBED_AT_MOST
    assert result.explained == {}, "the next look compares again"
