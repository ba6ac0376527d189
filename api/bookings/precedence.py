"""Which bookings come first when much has gathered: those that somebody waits for.

After an outage of the workers the queue is full of bookings that only have news (a timer, a payment). Temporal serves
it by priority, and for each in order of age; all bookings have the same. One whose command is not answered soon is
given a better one, which it keeps. A command that is answered in time costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import Priority, WorkflowExecution
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client
from temporalio.service import RPCError

T = TypeVar("T")

SOON = timedelta(seconds=5)
"""A quarter of what a command may take; longer than a worker that died is missed where another one runs."""
_FIRST = Priority(priority_key=1)
_RPC_TIMEOUT = timedelta(seconds=5)

_log = structlog.get_logger()


class Precedence:
    """Calls of workflows by somebody who waits for the answer."""

    def __init__(self, temporal: Client, soon: timedelta = SOON) -> None:
        self._temporal = temporal
        self._soon = soon

    def of(self, workflow_id: str, call: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The same call; when it is not answered soon, its workflow goes before the others."""

        async def hurried() -> T:
            hurry = asyncio.create_task(self._hurry(workflow_id))
            try:
                return await call()
            finally:
                hurry.cancel()

        return hurried

    async def _hurry(self, workflow_id: str) -> None:
        await asyncio.sleep(self._soon.total_seconds())
        asked = UpdateWorkflowExecutionOptionsRequest(
            namespace=self._temporal.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            workflow_execution_options=WorkflowExecutionOptions(priority=_FIRST),
            update_mask=FieldMask(paths=["priority"]),
        )
        try:
            await self._temporal.workflow_service.update_workflow_execution_options(asked, timeout=_RPC_TIMEOUT)
        except RPCError as fault:
            _log.info("a booking that is waited for keeps its place", workflow=workflow_id, fault=fault.message[:200])
