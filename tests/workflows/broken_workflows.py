"""Stories as a careless change would leave them: the replay gate must stop each."""

from temporalio import workflow

from domain.emails import BookingEmail
from domain.errors import BookingError
from kinds.vehicle_service.domain.booking import Booking
from workflows.messages import Ack, Start
from workflows.vehicle_service import VehicleService


@workflow.defn(name="VehicleService", failure_exception_types=[BookingError])
class Hesitant(VehicleService):
    """Waits a moment before it opens: a command that no old booking has given."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        await workflow.sleep(1)
        return await super().run(start)


@workflow.defn(name="VehicleService", failure_exception_types=[BookingError])
class Reordered(VehicleService):
    """Writes its mails first and shows itself afterwards: the same commands in another order."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        return await super().run(start)

    def _become(self, after: Booking) -> None:
        self.booking = after
        self._pulse += 1

    def send(self, mails: list[BookingEmail]) -> None:
        super().send(mails)
        self.chore(self._show_later())

    async def _show_later(self) -> None:
        self.show()
