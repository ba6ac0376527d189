"""Whether Temporal answers, has our namespace, and workers ask it for work."""

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

POLLED_WITHIN = timedelta(seconds=75)
"""A worker with nothing to do polls anew after 60 seconds; one that was killed is known for so much longer."""


async def must_have_namespace(client: Client) -> None:
    """Nothing, if the server answers and has the client's namespace.

    Raises:
        LookupError: it has no such namespace.
        RPCError: it does not answer.
    """
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as refused:
        if refused.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise LookupError(f"Temporal has no namespace {client.namespace}") from None


async def last_poll(client: Client, queue: str, *, of_workflows: bool) -> datetime | None:
    """When a worker last asked for tasks of this queue, as far as the server remembers (some five minutes)."""
    kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW if of_workflows else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
    )
    return max((each.last_access_time.ToDatetime(UTC) for each in answer.pollers), default=None)
