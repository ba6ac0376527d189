"""The stack's mailbox, asked until a mail is there."""

import asyncio
import re
from collections.abc import Callable

import httpx

from tests.api.concurrent import Json

PATIENCE = 20.0


class Mailbox:
    """Mails as they arrived."""

    def __init__(self, info: Json) -> None:
        self._http = httpx.AsyncClient(base_url=info["mail"]["api"], timeout=10, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def to(self, address: str, kind: str) -> list[Json]:
        """The mails of that kind to that address, oldest first."""
        mails = (await self._http.get("/messages", params={"to": address})).json()
        return [mail for mail in mails if mail["headers"]["X-RevCare-Notice"] == kind]

    async def wait(self, address: str, kind: str, count: int = 1) -> list[Json]:
        """The same, once there are so many."""
        return await eventually(lambda: self.to(address, kind), lambda mails: len(mails) >= count)


async def eventually(ask: Callable, enough: Callable) -> list[Json]:
    """Ask until the answer is enough."""
    async with asyncio.timeout(PATIENCE):
        while not enough(answer := await ask()):  # noqa: ASYNC110 - mails ring no bell
            await asyncio.sleep(0.1)
    return answer


def link_in(mail: Json, page: str = "password") -> str:
    """The secret of the link to set a password, or to another page; the text and the HTML have the same."""
    secrets = {re.search(rf"/{page}#token=([\w.-]+)", mail[form])[1] for form in ("text", "html")}
    assert len(secrets) == 1
    return secrets.pop()
