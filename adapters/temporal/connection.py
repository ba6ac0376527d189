"""A way to Temporal for a process that starts without it: connected as soon as it can be, and refused until then.

The SDK's client must reach the server when it is made, or else it connects within the first call, one caller after the
other, and says so with an error of no class of its own.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from temporalio.service import ConnectConfig, RPCError, RPCStatusCode, ServiceClient, ServiceResponse

CONNECTED_WITHIN = timedelta(seconds=5)
_BETWEEN_TRIES = 1.0


class Connection(ServiceClient):
    """The services of a server that may not be there yet. ``close()`` it at the end."""

    def __init__(self, config: ConnectConfig) -> None:
        super().__init__(config)
        self._server: ServiceClient | None = None
        self._tried = asyncio.Event()
        self._trying = asyncio.create_task(self._connect())

    async def tried(self) -> None:
        """Until the server was reached, or was not at the first try: who asks a server that runs is not refused."""
        await self._tried.wait()

    async def close(self) -> None:
        """Try no longer."""
        self._trying.cancel()
        with suppress(asyncio.CancelledError):
            await self._trying

    @property
    def worker_service_client(self) -> Any:
        """What a worker polls with.

        Raises:
            RuntimeError: the server was not reached yet.
        """
        if self._server is None:
            raise RuntimeError("a worker needs a server that was reached")
        return self._server.worker_service_client

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        """Of every call from now on."""
        self.config.rpc_metadata = metadata
        if self._server is not None:
            self._server.update_rpc_metadata(metadata)

    def update_api_key(self, api_key: str | None) -> None:
        """Of every call from now on."""
        self.config.api_key = api_key
        if self._server is not None:
            self._server.update_api_key(api_key)

    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[ServiceResponse],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,  # noqa: ASYNC109 - the SDK's own signature
    ) -> ServiceResponse:
        if self._server is None:
            raise RPCError("Temporal was not reached since this process began", RPCStatusCode.UNAVAILABLE, b"")
        return await self._server._rpc_call(
            rpc, req, resp_type, service=service, retry=retry, metadata=metadata, timeout=timeout
        )

    async def _connect(self) -> None:
        while self._server is None:
            with suppress(RuntimeError):
                self._server = await ServiceClient.connect(self.config)
            self._tried.set()
            if self._server is None:
                await asyncio.sleep(_BETWEEN_TRIES)
