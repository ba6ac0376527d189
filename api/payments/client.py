"""What the API tells workflows about money: signals, workflows for late events, a reconciliation."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from api.bookings.calls import WorkflowGone, within
from domain.billing.provider import LatePaymentEvent
from domain.billing.transfers import AccountStatus
from domain.errors import Unavailable
from workflows.account_lookup import AccountLookupWorkflow
from workflows.booking.messages import PAYMENTS_QUEUE, booking_workflow_id, late_workflow_id, refund_workflow_id
from workflows.late_payment import LatePaymentWorkflow
from workflows.reconciliation import RECONCILIATION_ID, ReconciliationWorkflow
from workflows.refund import RefundWorkflow

PAYMENT_REPORTED, DISPUTE_REPORTED, PAYOUT_REPORTED = "payment_reported", "dispute_reported", "payout_reported"
"""Signals of every kind's booking workflow, which its own module defines."""
_TIMEOUT, _LOOKUP = timedelta(seconds=5), timedelta(seconds=10)


class PaymentClient:
    """Signals carry ids only: the workflow fetches the facts from the provider itself.

    The provider has one webhook for all kinds: an event is for the workflow of its booking's own kind.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> bool:
        """Something may have happened to an order; False when the booking's workflow has ended."""
        handle = self._temporal.get_workflow_handle(booking_workflow_id(kind, booking_id))
        return await self._sent(lambda: handle.signal(PAYMENT_REPORTED, order_id, rpc_timeout=_TIMEOUT))

    async def report_refund(self, key: str) -> bool:
        """Something may have happened to a refund; False when its workflow has ended or never was."""
        handle = self._temporal.get_workflow_handle(refund_workflow_id(key))
        return await self._sent(lambda: handle.signal(RefundWorkflow.refund_reported, rpc_timeout=_TIMEOUT))

    async def report_dispute(self, kind: str, booking_id: int, dispute_id: str) -> bool:
        """Something may have happened to a dispute; False when the booking's workflow has ended."""
        handle = self._temporal.get_workflow_handle(booking_workflow_id(kind, booking_id))
        return await self._sent(lambda: handle.signal(DISPUTE_REPORTED, dispute_id, rpc_timeout=_TIMEOUT))

    async def report_transfer(self, kind: str, booking_id: int, transfer_id: str) -> bool:
        """Something may have happened to a transfer; False when the booking's workflow has ended."""
        handle = self._temporal.get_workflow_handle(booking_workflow_id(kind, booking_id))
        return await self._sent(lambda: handle.signal(PAYOUT_REPORTED, transfer_id, rpc_timeout=_TIMEOUT))

    async def report_late(self, event: LatePaymentEvent) -> None:
        """Start a workflow of its own for an event of a booking whose workflow has ended."""

        async def call() -> None:
            await self._temporal.start_workflow(
                LatePaymentWorkflow.run,
                event,
                id=late_workflow_id(event),
                task_queue=PAYMENTS_QUEUE,
                start_signal="reported",
                static_summary=f"late payment event for booking {event.booking_id}",
                rpc_timeout=_TIMEOUT,
            )

        await within(_TIMEOUT, call)

    async def reconcile(self) -> None:
        """Start a reconciliation, unless one is running."""

        async def call() -> None:
            await self._temporal.start_workflow(
                ReconciliationWorkflow.run,
                id=RECONCILIATION_ID,
                task_queue=PAYMENTS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="asked for by an admin",
                rpc_timeout=_TIMEOUT,
            )

        await within(_TIMEOUT, call)

    async def account_status(self, account_id: str) -> AccountStatus:
        """What the provider says now of an account that shall take transfers; NONE for one that it does not know.

        Raises:
            Unavailable: it does not answer.
            NotFinished: nobody has asked it yet.
        """

        async def call() -> AccountStatus:
            return await self._temporal.execute_workflow(
                AccountLookupWorkflow.run,
                account_id,
                id=f"account-lookup-{account_id}",
                task_queue=PAYMENTS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"is {account_id} paid out to",
                execution_timeout=_LOOKUP,
                rpc_timeout=_TIMEOUT,
            )

        try:
            return await within(_LOOKUP, call)
        except WorkflowFailureError:
            raise Unavailable("the payment provider does not answer; try again shortly") from None

    async def _sent(self, signal: Callable[[], Awaitable[None]]) -> bool:
        try:
            await within(_TIMEOUT, signal)
        except WorkflowGone:
            return False
        return True
