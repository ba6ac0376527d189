"""The workflow of a booking of a local service: the commands of its two parties."""

from temporalio import workflow

from domain.errors import BookingError
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from workflows.booking.handlers import BookingWorkflow, update_for
from workflows.booking.messages import Ack, Start


@workflow.defn(name=LOCAL_SERVICES.workflow, failure_exception_types=[BookingError])
class LocalServiceWorkflow(BookingWorkflow[ServiceBooking]):
    """One request. What each command may do is decided in ``kinds.local_services.domain.rules``."""

    kind = LOCAL_SERVICES

    @workflow.init
    def __init__(self, start: Start[ServiceBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[ServiceBooking]) -> Ack:
        return await self.run_booking()

    offer = update_for(commands.Offer, "Requester or provider: another price or time, in place of the open offer.")
    accept = update_for(commands.Accept, "Whom the open offer waits for: accept the request on its terms.")
    accept_offer = update_for(commands.AcceptOffer, "Whom it waits for: accept the offer of that number.")
    decline_offer = update_for(commands.DeclineOffer, "Whom it waits for: decline it; an open request ends with it.")
    pay_intent = update_for(commands.PayIntent, "Requester: an order to pay the price online.")
    start = update_for(commands.Start, "Provider: the work begins; it has to be paid.")
    complete = update_for(
        commands.Complete, "Provider, requester or admin: the work is done; by the requester: confirmed."
    )
    confirm = update_for(commands.Confirm, "Requester or admin: content with the work; the payout is released.")
    cancel = update_for(commands.Cancel, "Requester, provider or admin: call it off, with the fee of the moment.")
    dispute = update_for(commands.Dispute, "Requester or provider: not content; the payout stays on hold.")
    withdraw_dispute = update_for(commands.WithdrawDispute, "Who opened the dispute: give it up.")
    decide_dispute = update_for(commands.DecideDispute, "Admin: what goes back, and what is paid out.")
    review = update_for(commands.Review, "Requester or provider: a review of the other.")
