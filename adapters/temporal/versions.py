"""What a booking's workflow has in its history, told by the server: no worker is asked."""

from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from domain.temporal_ui import MESSAGE_VERSION

_KEY = SearchAttributeKey.for_int(MESSAGE_VERSION)


class WorkflowVersions:
    """Versions by workflow."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """Up to which version a booking's e-mails may leave; None when there is no such workflow, or not any more."""
        try:
            described = await self._client.get_workflow_handle(f"{kind}-{booking_id}").describe()
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None
        return described.typed_search_attributes.get(_KEY) or 0
