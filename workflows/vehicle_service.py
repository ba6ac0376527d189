"""A service visit: the story of one booking from the phone call to the car back at home.

``run`` is the story; updates are the verbs of the people who take part, signals the facts from outside. What each
may do is judged in ``kinds.vehicle_service.domain.rules``; the first lines of ``run`` and the parts it names
(``steps``) show who waits for what.
"""

import asyncio
from typing import Any

from temporalio import workflow

from domain.errors import BookingError
from domain.people import Actor, Role
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.booking import KIND
from kinds.vehicle_service.domain.settlement import is_settled
from kinds.vehicle_service.domain.ui import waiting_sentence
from workflows.messages import Ack, Start
from workflows.steps.deadlines import Deadlines
from workflows.steps.errands import Errands
from workflows.steps.payment import PaymentSteps

_TEMPORAL_ADMIN = Actor(Role.ADMIN, "temporal", "Temporal UI")


@workflow.defn(failure_exception_types=[BookingError])
class VehicleService(PaymentSteps, Deadlines, Errands):
    """One booking. Lives as long as the visit takes; no timeout ends it."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        if not await self._open_even_if_cancelled():
            await self.rest()
            return self.ack()
        self.attend(self.keep_deadlines())
        self.attend(self.keep_the_books())
        await self._until_nothing_is_left()
        return self.ack()

    async def _until_nothing_is_left(self) -> None:
        """Home, settled, all mails out: and nothing came up while the last of them left."""
        while not self.is_over():
            await self._until_home_and_settled()
            await self.rest()

    async def _until_home_and_settled(self) -> None:
        while not is_settled(self.booking):
            try:
                await workflow.wait_condition(self._something_ends)
            except asyncio.CancelledError:
                await self._cancelled_from_the_temporal_ui()
            if not is_settled(self.booking) and self._should_turn_the_page():
                workflow.continue_as_new(self.carried_over())

    def _something_ends(self) -> bool:
        self.complain()
        return is_settled(self.booking) or self._should_turn_the_page()

    def is_over(self) -> bool:
        """Nothing is left to do, and no message waits."""
        return is_settled(self.booking) and self.books_are_closed() and self.is_idle()

    async def _open_even_if_cancelled(self) -> bool:
        opening = asyncio.create_task(self.opening())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            granted = await opening
            if granted:
                await self._cancelled_from_the_temporal_ui()
            return granted

    async def _cancelled_from_the_temporal_ui(self) -> None:
        """A raw Cancel is an admin's cancel, with its fee and its refund; refused, it asks for the admin."""
        try:
            await self.act(commands.Cancel(_TEMPORAL_ADMIN, "cancelled in the Temporal UI"))
        except BookingError as refusal:
            note = f"a cancel from the Temporal UI was refused: {refusal.detail}"
            await self.act(commands.Alert(f"raw cancel {self.booking.version}", note, lasting=True))

    def _should_turn_the_page(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() and self.is_idle() and self.books_are_closed()

    @workflow.update(description="Waits for the opening: the booking stands, or is refused (SlotTaken, VehicleBusy).")
    async def open(self) -> Ack:
        return await self.opened()

    @workflow.update(description="Admin: give the job of the moment to a mechanic, or to another one instead.")
    async def assign(self, command: commands.Assign) -> Ack:
        return await self.act(command)

    @assign.validator
    def _may_assign(self, command: commands.Assign) -> None:
        self.check(command)

    @workflow.update(description="Mechanic or admin: a progress report; receives, works, hands over.")
    async def submit_progress(self, command: commands.SubmitProgress) -> Ack:
        return await self.act(command)

    @submit_progress.validator
    def _may_submit_progress(self, command: commands.SubmitProgress) -> None:
        self.check(command)

    @workflow.update(description="Admin: correct a progress report that waits.")
    async def edit_progress(self, command: commands.EditProgress) -> Ack:
        return await self.act(command)

    @edit_progress.validator
    def _may_edit_progress(self, command: commands.EditProgress) -> None:
        self.check(command)

    @workflow.update(description="Admin: approve a progress report or send it back.")
    async def validate_progress(self, command: commands.ValidateProgress) -> Ack:
        return await self.act(command)

    @validate_progress.validator
    def _may_validate_progress(self, command: commands.ValidateProgress) -> None:
        self.check(command)

    @workflow.update(description="Mechanic or admin: what was found, quotes and recommendations.")
    async def submit_analysis(self, command: commands.SubmitAnalysis) -> Ack:
        return await self.act(command)

    @submit_analysis.validator
    def _may_submit_analysis(self, command: commands.SubmitAnalysis) -> None:
        self.check(command)

    @workflow.update(description="Admin: correct an analysis that waits, prices too.")
    async def edit_analysis(self, command: commands.EditAnalysis) -> Ack:
        return await self.act(command)

    @edit_analysis.validator
    def _may_edit_analysis(self, command: commands.EditAnalysis) -> None:
        self.check(command)

    @workflow.update(description="Admin: approve the analysis (the customer's estimate) or send it back.")
    async def validate_analysis(self, command: commands.ValidateAnalysis) -> Ack:
        return await self.act(command)

    @validate_analysis.validator
    def _may_validate_analysis(self, command: commands.ValidateAnalysis) -> None:
        self.check(command)

    @workflow.update(description="Customer: choose lines; online makes an order to pay, offline agrees on cash.")
    async def confirm_services(self, command: commands.ConfirmServices) -> Ack:
        return await self.confirm(command)

    @confirm_services.validator
    def _may_confirm_services(self, command: commands.ConfirmServices) -> None:
        self.check(command)

    @workflow.update(description="Customer: cash for the estimate. Drop mechanic or admin: open the collection.")
    async def choose_cash(self, command: commands.ChooseCash) -> Ack:
        return await self.open_cash(command)

    @choose_cash.validator
    def _may_choose_cash(self, command: commands.ChooseCash) -> None:
        self.check_cash(command)

    @workflow.update(description="Drop mechanic or admin: the cash equals the amount due.")
    async def verify_cash(self, command: commands.VerifyCash) -> Ack:
        return await self.act(command)

    @verify_cash.validator
    def _may_verify_cash(self, command: commands.VerifyCash) -> None:
        self.check(command)

    @workflow.update(description="Drop mechanic or admin: the customer does not pay at the door.")
    async def refuse_payment(self, command: commands.RefusePayment) -> Ack:
        return await self.act(command)

    @refuse_payment.validator
    def _may_refuse_payment(self, command: commands.RefusePayment) -> None:
        self.check(command)

    @workflow.update(description="Admin: try a refund now, also one that was given up.")
    async def retry_refund(self, command: commands.RetryRefund) -> Ack:
        return await self.push_refund(command)

    @retry_refund.validator
    def _may_retry_refund(self, command: commands.RetryRefund) -> None:
        self.check(command)

    @workflow.update(description="Admin: what asked for attention was looked at.")
    async def clear_attention(self, command: commands.ClearAttention) -> Ack:
        await self.opened()  # it may be what takes up a story that had ended, so nothing can be judged before
        return await self.act(command)

    @workflow.update(description="Customer or admin: new times; slots are exchanged, the payment is untouched.")
    async def reschedule(self, command: commands.Reschedule) -> Ack:
        return await self.exchange_slots(command)

    @reschedule.validator
    def _may_reschedule(self, command: commands.Reschedule) -> None:
        self.check(command)

    @workflow.update(description="Customer or admin: give the booking up, with the fee of the moment.")
    async def cancel(self, command: commands.Cancel) -> Ack:
        return await self.act(command)

    @cancel.validator
    def _may_cancel(self, command: commands.Cancel) -> None:
        self.check(command)

    @workflow.signal(description="Something may have happened to this order; the fact is fetched before it counts.")
    def payment_reported(self, order_id: str) -> None:
        self.look_at(order_id)

    @workflow.signal(description="What became of a refund; sent by the refund's own workflow.")
    def refund_reported(self, report: commands.RecordRefund) -> None:
        self.note_refund(report)

    @workflow.signal(description="Something may have happened to this dispute; it is fetched before it counts.")
    def dispute_reported(self, dispute_id: str) -> None:
        self.look_at_dispute(dispute_id)

    @workflow.signal(description="The rows show this version: should it be ahead of the story, they are put right.")
    def rows_are_at(self, version: int) -> None:
        self.note_version_of_rows(version)

    @workflow.query(description="Where the booking stands and what it waits for.")
    def view(self) -> dict[str, Any]:
        booking = self.booking
        return {
            "id": booking.id,
            "kind": KIND,
            "status": str(booking.status),
            "version": booking.version,
            "waiting_for": waiting_sentence(booking),
            "closed_at": booking.closed_at,
        }
