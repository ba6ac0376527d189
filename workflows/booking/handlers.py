"""The workflow of a booking of any kind: its run, the messages that every kind understands, and ``update_for``."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow

from domain.billing.provider import RefundStatus
from domain.billing.refund_retries import latest_attempt
from domain.closing import is_settled
from domain.commands import Alert, ClearAttention, Command, RecordRefund, RetryRefund
from domain.errors import BookingError, Conflict
from domain.kind import B
from domain.people import TEMPORAL_ADMIN
from domain.temporal_ui import waiting_sentence
from workflows.booking.base import StateReplaced
from workflows.booking.messages import Ack, update_name
from workflows.booking.payouts import PayoutHandling

ORDER_ROUNDS = 3
"""So often a command looks for its order: one that it found standing may be gone when the command has the lock."""


def update_for(command: type[Command], description: str) -> Any:
    """The update of a command, with its validator. In a kind's class: ``assign = update_for(Assign, ..)``.

    The handler is annotated with the command's type, so that Temporal decodes and shows it.
    """

    async def handler(self: "BookingWorkflow[Any]", command: Any) -> Ack:
        return await self.perform(command)

    def validator(self: "BookingWorkflow[Any]", command: Any) -> None:
        self.validate(command)

    name = update_name(command)
    _annotate(handler, name, command, Ack)
    _annotate(validator, f"validate_{name}", command, None)
    update: Any = workflow.update(description=description)(handler)
    update.validator(validator)
    return update


def _annotate(method: Callable[..., Any], name: str, command: type, result: type | None) -> None:
    method.__name__ = name
    method.__qualname__ = f"BookingWorkflow.{name}"
    method.__annotations__ = {"command": command, "return": result}


class BookingWorkflow(PayoutHandling[B]):
    """One booking, for as long as it takes; no timeout ends it.

    A kind's class names its ``kind``, its updates, and has ``__init__`` and ``run`` of its own, typed with the kind's
    state, for Temporal takes the types of both from that class.
    """

    longest_run = timedelta(days=60)
    """A booking may live for years: after this time its next change begins a new run, as too many events do."""

    async def run_booking(self) -> Ack:
        """From the first row to the end: the work is complete, payments are settled, e-mails sent."""
        if not await self._start_even_if_cancelled():
            await self.drain()
            return self.ack()
        self.supervise(self.run_timers())
        self.supervise(self.process_payments())
        self.supervise(self.run_rechecks())
        self.supervise(self.run_payouts())
        while not self._is_over():
            await self._until_settled()
            await self.drain()
        return self.ack()

    async def perform(self, command: Command) -> Ack:
        """Carry out a command: the one way for every update. A repeated request gets its first result."""
        if self.is_loading():
            await self.wait_until_open()
        async with self.one_at_a_time():
            return await self._perform(command)

    async def _perform(self, command: Command) -> Ack:
        if (before := self.earlier_result()) is not None:
            return before
        await self.catch_up(command)
        for _ in range(ORDER_ROUNDS):
            complete = await self.with_order(command)
            async with self._lock:
                if (before := self.earlier_result()) is not None:
                    return before
                if self.kind.already_done(self._open_booking(), command):
                    break
                if not self.lacks_order(complete):
                    with suppress(StateReplaced):
                        await self.transition(self.without_outdated_order(complete))
                        break
        else:
            raise Conflict("the choice was changed by others meanwhile; please try again")
        return self.remember_result(self.ack())

    async def drain(self) -> None:
        """Before the workflow ends: wait for every handler, e-mail and background task (given up after a day).

        A raw cancel at this point has nothing to cancel, and must not cancel the e-mails.
        """
        draining = asyncio.create_task(self._finish())
        try:
            await asyncio.shield(draining)
        except asyncio.CancelledError:
            await draining

    @workflow.update(description="Waits for the start: the booking is open, or was refused.")
    async def open(self) -> Ack:
        return await self.wait_until_open()

    @open.validator  # noqa: A003 - the name of the update
    def _validate_open(self) -> None:
        """Refuses nothing; without a validator, arguments that do not fit would be found after it was accepted."""

    @workflow.update(description="Admin: what needed attention was dealt with.")
    async def clear_attention(self, command: ClearAttention) -> Ack:
        return await self.perform(command)

    @clear_attention.validator
    def _validate_clear_attention(self, command: ClearAttention) -> None:
        self.validate(command)

    @workflow.update(description="Admin: try a refund now, also one that was given up.")
    async def retry_refund(self, command: RetryRefund) -> Ack:
        if self.is_loading():
            await self.wait_until_open()
        refund = latest_attempt(self.booking, command.refund_row)
        ack = await self.perform(command)
        if refund.status is RefundStatus.PENDING:
            await self.retry_now(refund)
        return ack

    @retry_refund.validator
    def _validate_retry_refund(self, command: RetryRefund) -> None:
        self.validate(command)

    @workflow.signal(description="Something may have happened to this order; the facts are fetched.")
    def payment_reported(self, order_id: str) -> None:
        self.note_payment_report(order_id)

    @workflow.signal(description="What became of a refund; sent by the refund's workflow.")
    def refund_reported(self, report: RecordRefund) -> None:
        self.note_refund(report)

    @workflow.signal(description="Something may have happened to this dispute; the facts are fetched.")
    def dispute_reported(self, dispute_id: str) -> None:
        self.note_dispute_report(dispute_id)

    @workflow.signal(description="Something may have happened to a transfer of this booking, or to a payee's account.")
    def payout_reported(self, about: str) -> None:
        """``about``: the transfer or reversal, then all are fetched, or the account."""
        self.note_payout_report(look=not about.startswith("acc_"))

    @workflow.signal(description="The rows show this version: the workflow compares.")
    def projection_seen(self, version: int) -> None:
        self.note_projection_version(version)

    @workflow.query(description="Where the booking stands and what it waits for.")
    def view(self) -> dict[str, Any]:
        booking = self.booking
        return {
            "id": booking.id,
            "kind": self.kind.name,
            "status": str(booking.status),
            "version": booking.version,
            "waiting_for": waiting_sentence(self.kind, booking),
            "closed_at": booking.closed_at,
        }

    async def _until_settled(self) -> None:
        while not self._is_settled():
            try:
                await workflow.wait_condition(self._run_may_end)
            except asyncio.CancelledError:
                await self._cancel_from_temporal_ui()
            if not self._is_settled() and self._needs_new_run():
                workflow.continue_as_new(self.carried_over())

    async def _finish(self) -> None:
        await workflow.wait_condition(self._has_drained)
        await self.finish_background_work()

    def _has_drained(self) -> bool:
        self.raise_if_broken()
        return workflow.all_handlers_finished() and self.payments_are_settled() and not self._lock.locked()

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
            await self.perform(self.kind.cancel(TEMPORAL_ADMIN, "cancelled in the Temporal UI"))
        except BookingError as refusal:
            note = f"a cancel from the Temporal UI was refused: {refusal.detail}"
            await self.perform(Alert(f"raw cancel {self.booking.version}", note, lasting=True))

    def _run_may_end(self) -> bool:
        self.raise_if_broken()
        return self._is_settled() or self._needs_new_run()

    def _is_settled(self) -> bool:
        return is_settled(self.kind, self.booking) and not self.rechecks_wait()

    def _is_over(self) -> bool:
        """Nothing is left to do, and no message waits."""
        return self._is_settled() and self.payments_are_settled() and self.is_idle()

    def _needs_new_run(self) -> bool:
        info = workflow.info()
        is_long = info.is_continue_as_new_suggested() or workflow.now() - info.start_time > self.longest_run
        return is_long and self.is_idle() and self.payments_are_settled()
