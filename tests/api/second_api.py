"""A second API beside the stack's own process: the same servers, the same keys, a port of its own.

It serves in the process of the tests, which has imported what it needs. Its connections to PostgreSQL are relayed, so
that notifications can be held back while all goes on.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devstack.stack import Stack
from tests.api.concurrent import Api
from tests.api_beside import api_beside
from tests.relay import Relay, relayed


class SecondApi(Api):
    """The second process, asked like the first."""

    relay: Relay


@asynccontextmanager
async def second_api(stack: Stack) -> AsyncIterator[SecondApi]:
    """It answers when the block begins, and is gone when it ends."""
    async with relayed(stack.info["postgres"]) as (relay, url):
        beside = api_beside(stack, {"POSTGRESQL_URL": url})
        address = await asyncio.to_thread(beside.__enter__)  # this loop relays what it asks as it starts
        try:
            async with SecondApi({**stack.info, "api": address}) as api:
                api.relay = relay
                yield api
        finally:
            await asyncio.to_thread(beside.__exit__, None, None, None)
