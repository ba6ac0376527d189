"""What a booking's workflow has in its history, told by the server: no worker is asked."""

import orjson
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.temporal_ui import MESSAGE_VERSION


class WorkflowVersions:
    """Versions by workflow."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """Up to which version a booking's e-mails may leave; None when there is no such workflow, or not any more.

        Of what the server describes only this is decoded: each e-mail asks, and the rest costs more.
        """
        request = DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace, execution=WorkflowExecution(workflow_id=f"{kind}-{booking_id}")
        )
        try:
            described = await self._client.workflow_service.describe_workflow_execution(request, retry=True)
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None
        attributes = described.workflow_execution_info.search_attributes.indexed_fields
        return int(orjson.loads(attributes[MESSAGE_VERSION].data) or 0) if MESSAGE_VERSION in attributes else 0
