"""The workflow of a table reservation."""

from temporalio import workflow

from domain.commands import Cancel
from domain.errors import BookingError
from tests.kinds.table_reservation.domain import booking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from workflows.booking.handlers import BookingWorkflow, update_for
from workflows.booking.messages import Ack, Start


@workflow.defn(name=TABLE_RESERVATION.workflow, failure_exception_types=[BookingError])
class TableReservationWorkflow(BookingWorkflow[booking.TableBooking]):
    kind = TABLE_RESERVATION

    @workflow.init
    def __init__(self, start: Start[booking.TableBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[booking.TableBooking]) -> Ack:
        return await self.run_booking()

    pay_deposit = update_for(booking.PayDeposit, "Guest: pay the deposit online.")
    hand_over = update_for(booking.HandOver, "Guest: give the reservation to somebody else.")
    seat = update_for(booking.Seat, "Host: the guests have come.")
    bill = update_for(booking.Bill, "Host: what they ate, without GST.")
    cancel = update_for(Cancel, "Guest or host: nobody comes.")
