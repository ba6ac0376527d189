"""A gateway for text messages that takes ``{to, text, key}`` as JSON by POST."""

import httpx

_TIMEOUT_SECONDS = 10.0


class NotTaken(Exception):
    """The gateway did not take a message. What it says stands in no log, for it might repeat the text."""


class HttpSmsSender:
    """Hands text messages to ``url`` with ``token`` as a bearer; ``close()`` it at the end."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT_SECONDS)

    async def send(self, to: str, text: str, key: str) -> None:
        """Hand a message over; the gateway knows one that it took before by its ``key``.

        Raises:
            NotTaken: it did not answer, or with anything but 2xx.
        """
        try:
            answer = await self._client.post(self._url, json={"to": to, "text": text, "key": key})
        except httpx.HTTPError as fault:
            raise NotTaken(f"the gateway does not answer ({type(fault).__name__})") from None
        if not answer.is_success:
            raise NotTaken(f"the gateway answers {answer.status_code}")

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()
