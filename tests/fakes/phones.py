"""The phones of the stack in this process: what speaks to them is tested without a process of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from devstack.phone.keys import Keys
from devstack.phone.store import Store
from devstack.phone.web import create_app

SMS_TOKEN = "sms-token"


@dataclass(frozen=True)
class Phones:
    """Where they listen, what they keep, and the file of the service account that may push to them."""

    url: str
    store: Store
    credentials: Path


@asynccontextmanager
async def phones(folder: Path) -> AsyncIterator[Phones]:
    """They listen on loopback until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        store, keys = Store(folder / "phone.sqlite"), Keys(folder)
        app = create_app(store, keys, url, SMS_TOKEN)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Phones(url, store, keys.write_credentials(url))
        finally:
            server.should_exit = True
            await serving
