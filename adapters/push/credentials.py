"""Access tokens of a Google service account, asked for by the same HTTP client as everything else."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from google.auth import exceptions, transport
from google.oauth2 import service_account

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_TIMEOUT_SECONDS = 5.0

NoToken = exceptions.GoogleAuthError
"""There is no token: Google does not answer, or does not know this account."""


class ServiceAccount:
    """One service account: its project, and a token that is good now."""

    def __init__(self, file: Path) -> None:
        """Read the account from the file that Google hands out.

        Raises:
            ValueError: there is no such file, or it is none of a service account.
        """
        try:
            described = json.loads(file.read_bytes())
            self.project: str = described["project_id"]
            self._credentials: Any = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                described, scopes=[SCOPE]
            )
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ValueError(f"FCM_CREDENTIALS: {file} is no file of a service account ({fault})") from None
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS)
        self._refreshing = asyncio.Lock()

    async def token(self, refused: str | None = None) -> str:
        """A token that is good for a while; another one than that which was ``refused``.

        Raises:
            NoToken: there is none.
        """
        async with self._refreshing:
            if not self._credentials.valid or self._credentials.token == refused:
                await asyncio.to_thread(self._credentials.refresh, _Request(self._client))
            return str(self._credentials.token)

    def close(self) -> None:
        """End the connections."""
        self._client.close()


class _Response(transport.Response):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class _Request(transport.Request):
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> _Response:
        try:
            return _Response(self._client.request(method, url, content=body, headers=headers))
        except httpx.HTTPError as fault:
            raise exceptions.TransportError(fault) from fault  # type: ignore[no-untyped-call]
