"""The workflow of a vehicle service booking: the commands of the people who take part in a visit."""

from temporalio import workflow

from domain.errors import BookingError
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import VisitBooking
from workflows.booking.handlers import BookingWorkflow, update_for
from workflows.booking.messages import Ack, Start


@workflow.defn(name=VEHICLE_SERVICE.workflow, failure_exception_types=[BookingError])
class VehicleServiceWorkflow(BookingWorkflow[VisitBooking]):
    """One visit. What each command may do is decided in ``kinds.vehicle_service.domain.rules``."""

    kind = VEHICLE_SERVICE

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await self.run_booking()

    assign = update_for(commands.Assign, "Admin: give the job of the moment to a mechanic, or to another one instead.")
    submit_progress = update_for(
        commands.SubmitProgress, "Mechanic or admin: a progress report; receives, works, hands over."
    )
    edit_progress = update_for(commands.EditProgress, "Admin: correct a progress report that waits.")
    validate_progress = update_for(commands.ValidateProgress, "Admin: approve a progress report or send it back.")
    submit_analysis = update_for(
        commands.SubmitAnalysis, "Mechanic or admin: what was found, quotes and recommendations."
    )
    edit_analysis = update_for(commands.EditAnalysis, "Admin: correct an analysis that waits, prices too.")
    validate_analysis = update_for(
        commands.ValidateAnalysis, "Admin: approve the analysis (the customer's estimate) or send it back."
    )
    confirm_services = update_for(
        commands.ConfirmServices, "Customer: choose lines; online makes an order to pay, offline agrees on cash."
    )
    choose_cash = update_for(
        commands.ChooseCash, "Customer: cash for the estimate. Drop mechanic or admin: open the collection."
    )
    verify_cash = update_for(commands.VerifyCash, "Drop mechanic or admin: the cash equals the amount due.")
    refuse_payment = update_for(commands.RefusePayment, "Drop mechanic or admin: the customer does not pay on site.")
    reschedule = update_for(
        commands.Reschedule, "Customer or admin: new times; slots are exchanged, the payment is untouched."
    )
    cancel = update_for(commands.Cancel, "Customer or admin: give the booking up, with the fee of the moment.")
