"""The workflow of a vehicle service booking, from its creation until the car is back at home.

Updates are the commands of the people who take part, signals are facts from outside. What each may do is decided in
``kinds.vehicle_service.domain.rules``; timers, payments and refunds are in ``workflows.booking``.
"""

import asyncio
from typing import Any

from temporalio import workflow

from domain.closing import is_settled
from domain.commands import Alert, ClearAttention, RecordRefund, RetryRefund
from domain.errors import BookingError
from domain.people import Actor, Role
from domain.temporal_ui import waiting_sentence
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import KIND
from workflows.booking.messages import Ack, Start
from workflows.booking.payments import PaymentHandling
from workflows.booking.reschedule import RescheduleHandling
from workflows.booking.timers import TimerHandling

_TEMPORAL_ADMIN = Actor(Role.ADMIN, "temporal", "Temporal UI")


@workflow.defn(failure_exception_types=[BookingError])
class VehicleServiceWorkflow(PaymentHandling, TimerHandling, RescheduleHandling):
    """One booking. Runs as long as the visit takes; no timeout ends it."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Ack:
        if not await self._start_even_if_cancelled():
            await self.drain()
            return self.ack()
        self.supervise(self.run_timers())
        self.supervise(self.process_payments())
        await self._until_drained()
        return self.ack()

    async def _until_drained(self) -> None:
        """Until the work is complete, payments are settled and e-mails sent, and nothing new arrived meanwhile."""
        while not self.is_over():
            await self._until_complete()
            await self.drain()

    async def _until_complete(self) -> None:
        while not is_settled(VEHICLE_SERVICE, self.booking):
            try:
                await workflow.wait_condition(self._run_may_end)
            except asyncio.CancelledError:
                await self._cancel_from_temporal_ui()
            if not is_settled(VEHICLE_SERVICE, self.booking) and self._needs_new_run():
                workflow.continue_as_new(self.carried_over())

    def _run_may_end(self) -> bool:
        self.raise_if_broken()
        return is_settled(VEHICLE_SERVICE, self.booking) or self._needs_new_run()

    def is_over(self) -> bool:
        """Nothing is left to do, and no message waits."""
        return is_settled(VEHICLE_SERVICE, self.booking) and self.payments_are_settled() and self.is_idle()

    async def _start_even_if_cancelled(self) -> bool:
        starting = asyncio.create_task(self.start_booking())
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            granted = await starting
            if granted:
                await self._cancel_from_temporal_ui()
            return granted

    async def _cancel_from_temporal_ui(self) -> None:
        """A raw Cancel is an admin's cancel, with its fee and its refund; when refused, an admin is alerted."""
        try:
            await self.perform(commands.Cancel(_TEMPORAL_ADMIN, "cancelled in the Temporal UI"))
        except BookingError as refusal:
            note = f"a cancel from the Temporal UI was refused: {refusal.detail}"
            await self.perform(Alert(f"raw cancel {self.booking.version}", note, lasting=True))

    def _needs_new_run(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() and self.is_idle() and self.payments_are_settled()

    @workflow.update(description="Waits for the start: the booking is open, or was refused (SlotTaken, VehicleBusy).")
    async def open(self) -> Ack:
        return await self.wait_until_open()

    @workflow.update(description="Admin: give the job of the moment to a mechanic, or to another one instead.")
    async def assign(self, command: commands.Assign) -> Ack:
        return await self.perform(command)

    @assign.validator
    def _may_assign(self, command: commands.Assign) -> None:
        self.validate(command)

    @workflow.update(description="Mechanic or admin: a progress report; receives, works, hands over.")
    async def submit_progress(self, command: commands.SubmitProgress) -> Ack:
        return await self.perform(command)

    @submit_progress.validator
    def _may_submit_progress(self, command: commands.SubmitProgress) -> None:
        self.validate(command)

    @workflow.update(description="Admin: correct a progress report that waits.")
    async def edit_progress(self, command: commands.EditProgress) -> Ack:
        return await self.perform(command)

    @edit_progress.validator
    def _may_edit_progress(self, command: commands.EditProgress) -> None:
        self.validate(command)

    @workflow.update(description="Admin: approve a progress report or send it back.")
    async def validate_progress(self, command: commands.ValidateProgress) -> Ack:
        return await self.perform(command)

    @validate_progress.validator
    def _may_validate_progress(self, command: commands.ValidateProgress) -> None:
        self.validate(command)

    @workflow.update(description="Mechanic or admin: what was found, quotes and recommendations.")
    async def submit_analysis(self, command: commands.SubmitAnalysis) -> Ack:
        return await self.perform(command)

    @submit_analysis.validator
    def _may_submit_analysis(self, command: commands.SubmitAnalysis) -> None:
        self.validate(command)

    @workflow.update(description="Admin: correct an analysis that waits, prices too.")
    async def edit_analysis(self, command: commands.EditAnalysis) -> Ack:
        return await self.perform(command)

    @edit_analysis.validator
    def _may_edit_analysis(self, command: commands.EditAnalysis) -> None:
        self.validate(command)

    @workflow.update(description="Admin: approve the analysis (the customer's estimate) or send it back.")
    async def validate_analysis(self, command: commands.ValidateAnalysis) -> Ack:
        return await self.perform(command)

    @validate_analysis.validator
    def _may_validate_analysis(self, command: commands.ValidateAnalysis) -> None:
        self.validate(command)

    @workflow.update(description="Customer: choose lines; online makes an order to pay, offline agrees on cash.")
    async def confirm_services(self, command: commands.ConfirmServices) -> Ack:
        return await self.confirm(command)

    @confirm_services.validator
    def _may_confirm_services(self, command: commands.ConfirmServices) -> None:
        self.validate(command)

    @workflow.update(description="Customer: cash for the estimate. Drop mechanic or admin: open the collection.")
    async def choose_cash(self, command: commands.ChooseCash) -> Ack:
        return await self.open_cash(command)

    @choose_cash.validator
    def _may_choose_cash(self, command: commands.ChooseCash) -> None:
        self.validate_cash(command)

    @workflow.update(description="Drop mechanic or admin: the cash equals the amount due.")
    async def verify_cash(self, command: commands.VerifyCash) -> Ack:
        return await self.perform(command)

    @verify_cash.validator
    def _may_verify_cash(self, command: commands.VerifyCash) -> None:
        self.validate(command)

    @workflow.update(description="Drop mechanic or admin: the customer does not pay on site.")
    async def refuse_payment(self, command: commands.RefusePayment) -> Ack:
        return await self.perform(command)

    @refuse_payment.validator
    def _may_refuse_payment(self, command: commands.RefusePayment) -> None:
        self.validate(command)

    @workflow.update(description="Admin: try a refund now, also one that was given up.")
    async def retry_refund(self, command: RetryRefund) -> Ack:
        return await self.perform_retry_refund(command)

    @retry_refund.validator
    def _may_retry_refund(self, command: RetryRefund) -> None:
        self.validate(command)

    @workflow.update(description="Admin: what needed attention was dealt with.")
    async def clear_attention(self, command: ClearAttention) -> Ack:
        await self.wait_until_open()  # this may reopen a workflow that had ended: the rule needs the loaded state
        return await self.perform(command)

    @workflow.update(description="Customer or admin: new times; slots are exchanged, the payment is untouched.")
    async def reschedule(self, command: commands.Reschedule) -> Ack:
        return await self.exchange_slots(command)

    @reschedule.validator
    def _may_reschedule(self, command: commands.Reschedule) -> None:
        self.validate(command)

    @workflow.update(description="Customer or admin: give the booking up, with the fee of the moment.")
    async def cancel(self, command: commands.Cancel) -> Ack:
        return await self.perform(command)

    @cancel.validator
    def _may_cancel(self, command: commands.Cancel) -> None:
        self.validate(command)

    @workflow.signal(description="Something may have happened to this order; the facts are fetched.")
    def payment_reported(self, order_id: str) -> None:
        self.enqueue_order(order_id)

    @workflow.signal(description="What became of a refund; sent by the refund's workflow.")
    def refund_reported(self, report: RecordRefund) -> None:
        self.note_refund(report)

    @workflow.signal(description="Something may have happened to this dispute; the facts are fetched.")
    def dispute_reported(self, dispute_id: str) -> None:
        self.enqueue_dispute(dispute_id)

    @workflow.signal(description="The rows show this version: if it is ahead of the workflow, they are repaired.")
    def projection_seen(self, version: int) -> None:
        self.note_projection_version(version)

    @workflow.query(description="Where the booking stands and what it waits for.")
    def view(self) -> dict[str, Any]:
        booking = self.booking
        return {
            "id": booking.id,
            "kind": KIND,
            "status": str(booking.status),
            "version": booking.version,
            "waiting_for": waiting_sentence(VEHICLE_SERVICE, booking),
            "closed_at": booking.closed_at,
        }
