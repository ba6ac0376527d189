"""Hints for workflows, as signals: quiet when the workflow has ended."""

from collections.abc import Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

_PATIENCE = timedelta(seconds=10)


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

    async def version(self, booking_id: int) -> int | None:
        """The version that a booking's workflow is at; None when it has ended or does not answer in time."""
        handle = self._client.get_workflow_handle(self._booking(booking_id))
        try:
            view = await handle.query(
                "view", reject_condition=QueryRejectCondition.NOT_OPEN, rpc_timeout=_PATIENCE, result_type=dict
            )
        except (RPCError, WorkflowQueryRejectedError, WorkflowQueryFailedError):
            return None
        return int(view["version"])

    async def _signal(self, workflow_id: str, name: str, *args: object) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal(name, args=list(args))
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
