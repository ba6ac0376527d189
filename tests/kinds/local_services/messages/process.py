"""The API of messages in a process of its own: says its port and serves until it is killed."""

import asyncio
import sys

from tests.kinds.local_services.messages.chat import chatting


async def serve(postgres: str) -> None:
    async with chatting(postgres) as chat:
        print(chat.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
