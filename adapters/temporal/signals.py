"""Signals to workflows by id. A booking whose workflow has ended gets a late-payment workflow, or is started again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.billing.provider import LatePaymentEvent
from domain.booking import Booking
from domain.kind import BookingKind
from domain.recovery import BookingRef

_QUERY_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class WorkflowNaming:
    """How workflows are named, and the input of one that is started again; the composition root provides them."""

    booking_queue: str
    late_queue: str
    booking: Callable[[str, int], str]
    refund: Callable[[str], str]
    late: Callable[[LatePaymentEvent], str]
    reopened: Callable[[Booking, str | None], Any]
    recovery: str


class WorkflowSignals:
    """Signals by workflow id."""

    def __init__(self, client: Client, names: WorkflowNaming) -> None:
        self._client = client
        self._names = names

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> None:
        """Tell a booking to look at an order of its; a late payment event when its workflow has ended."""
        if not await self._signal(self._names.booking(kind, booking_id), "payment_reported", order_id):
            await self._late(LatePaymentEvent(kind, booking_id, order_id=order_id))

    async def report_dispute(self, kind: str, booking_id: int, dispute_id: str) -> None:
        """Tell a booking to look at a dispute."""
        booking = self._names.booking(kind, booking_id)
        if not await self._signal(booking, "dispute_reported", dispute_id):
            await self._late(LatePaymentEvent(kind, booking_id, dispute_id=dispute_id))

    async def report_transfer(self, kind: str, booking_id: int, transfer_id: str) -> None:
        """Tell a booking to look at a transfer of its."""
        booking = self._names.booking(kind, booking_id)
        if not await self._signal(booking, "payout_reported", transfer_id):
            await self._late(LatePaymentEvent(kind, booking_id, transfer_id=transfer_id))

    async def report_account(self, kind: str, booking_id: int, account_id: str) -> None:
        """Tell a booking that waits for a payee's account that there is news of it; one that has ended does not."""
        await self._signal(self._names.booking(kind, booking_id), "payout_reported", account_id)

    async def report_refund(self, key: str) -> bool:
        """Tell a refund to look at itself; False when it has ended."""
        return await self._signal(self._names.refund(key), "refund_reported")

    async def projection_seen(self, kind: str, booking_id: int, version: int) -> None:
        """Tell a booking what its rows show."""
        await self._signal(self._names.booking(kind, booking_id), "projection_seen", version)

    async def reopen(self, kind: BookingKind[Any], booking: Booking, signal: str, about: str) -> None:
        """Signal a booking; one whose workflow has ended goes on from its rows."""
        await self._client.start_workflow(
            kind.workflow,
            self._names.reopened(booking, None),
            id=self._names.booking(kind.name, booking.id),
            task_queue=self._names.booking_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=signal,
            start_signal_args=[about],
            static_summary=kind.ui.static_summary(booking),
            static_details=kind.ui.static_details(booking),
        )

    async def signal_booking(self, kind: str, booking_id: int, signal: str, about: str) -> bool:
        """Signal a booking's workflow; False when it has ended."""
        return await self._signal(self._names.booking(kind, booking_id), signal, about)

    async def ask_for_restart(self, booking: BookingRef) -> None:
        """Tell the recovery of a booking whose workflow is gone; without one the next look finds it."""
        await self._signal(self._names.recovery, "booking_missing", booking)

    async def version(self, kind: str, booking_id: int) -> int | None:
        """The version that a booking's workflow is at; None when it has ended or does not answer in time."""
        handle = self._client.get_workflow_handle(self._names.booking(kind, booking_id))
        try:
            view = await handle.query(
                "view", reject_condition=QueryRejectCondition.NOT_OPEN, rpc_timeout=_QUERY_TIMEOUT, result_type=dict
            )
        except (RPCError, WorkflowQueryRejectedError, WorkflowQueryFailedError):
            return None
        return int(view["version"])

    async def _late(self, event: LatePaymentEvent) -> None:
        await self._client.start_workflow(
            "LatePaymentWorkflow",
            event,
            id=self._names.late(event),
            task_queue=self._names.late_queue,
            start_signal="reported",
            static_summary=f"late payment event for booking {event.booking_id}",
        )

    async def _signal(self, workflow_id: str, name: str, *args: object) -> bool:
        """False when there is nobody to hear it."""
        try:
            await self._client.get_workflow_handle(workflow_id).signal(name, args=list(args))
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True
