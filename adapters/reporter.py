"""Hints for workflows, as signals: quiet when the workflow has ended."""

from collections.abc import Callable

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode


class WorkflowReporter:
    """Signals by workflow id. The ids are built by the functions that the composition root hands in."""

    def __init__(
        self, client: Client, booking_workflow: Callable[[int], str], refund_workflow: Callable[[str], str]
    ) -> None:
        self._client = client
        self._booking = booking_workflow
        self._refund = refund_workflow

    async def report_payment(self, booking_id: int, order_id: str) -> None:
        """Tell a booking to look at an order of its."""
        await self._signal(self._booking(booking_id), "payment_reported", order_id)

    async def report_refund(self, key: str) -> None:
        """Tell a refund to look at itself."""
        await self._signal(self._refund(key), "refund_reported")

    async def _signal(self, workflow_id: str, name: str, *args: object) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal(name, args=list(args))
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
