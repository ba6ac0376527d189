"""Problems of workflows in memory: the same promises as ``adapters.postgres.workflow_problems``."""

from collections.abc import Sequence

from domain.recovery import BookingRef, Problem, WorkflowProblem


class FakeProblems:
    """What the last look has found, by booking."""

    def __init__(self) -> None:
        self.known: dict[int, WorkflowProblem] = {}
        self.failing = 0
        self.polled = True
        self.restarted = 0
        self.is_stopped = False
        self.looks = 0

    async def of_kind(self, kind: str) -> list[int]:
        without = (Problem.MISSING, Problem.ENDED)
        return [number for number, each in self.known.items() if each.booking.kind == kind and each.problem in without]

    async def replace(self, problems: Sequence[WorkflowProblem], failing: int, *, polled: bool) -> None:
        self.known = {each.booking.booking_id: each for each in problems}
        self.failing, self.polled = failing, polled
        self.looks += 1

    async def solved(self, booking: BookingRef) -> None:
        self.known.pop(booking.booking_id, None)
        self.restarted += 1

    async def stopped(self, stopped: bool) -> None:
        self.is_stopped = stopped
