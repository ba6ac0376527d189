"""Workflows as a careless change would leave them: the replay test must refuse each."""

from temporalio import workflow

from domain.deadlines import Deadline
from domain.emails import BookingEmail
from domain.errors import BookingError
from kinds.vehicle_service.domain.visit import VisitBooking
from workflows.booking.messages import Ack, Start
from workflows.vehicle_service import VehicleServiceWorkflow


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class DelayedStart(VehicleServiceWorkflow):
    """Waits a moment before it opens: a command that no old booking has given."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        await workflow.sleep(1)
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class ReorderedCommands(VehicleServiceWorkflow):
    """Writes its mails first and shows itself afterwards: the same commands in another order."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        return await super().run(start)

    def _become(self, after: VisitBooking) -> None:
        self.booking = after
        self._changes += 1

    def send(self, mails: list[BookingEmail]) -> None:
        super().send(mails)
        self.run_before_close(self._publish_later())

    async def _publish_later(self) -> None:
        self.publish()


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class BrokenTimers(VehicleServiceWorkflow):
    """Cannot start a timer: without supervision its deadlines would be lost in silence."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        return await super().run(start)

    async def _sleep_until(self, deadline: Deadline) -> None:
        raise ValueError(f"no timer for {deadline.key}")
