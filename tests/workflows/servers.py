"""Temporal dev servers for tests: the stack's own binary, ended with the process that starts it; timers ring sooner."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import GrpcCompression, RPCError

from adapters.temporal.client import DATA_CONVERTER, register_search_attributes
from adapters.temporal.namespaces import make_namespace
from devstack import builder
from devstack.child import Command, spawn
from devstack.parts.base import listening
from devstack.parts.temporal import dynamic_configuration
from devstack.stack_folder import StackFolder

_TIMERS_SOON = {"history.timerProcessorMaxTimeShift": '"20ms"'}
"""A server lets timers ring up to a second late, to ring many at once; our windows are shorter than that."""
NEW_RUN_SOON = {"limit.historyCount.suggestContinueAsNew": "60"}
"""A new run is suggested after some dozen moves instead of some thousands."""

READY_WITHIN = 60


@contextmanager
def dev_server(folder: Path, more: dict[str, str] | None = None, file: Path | None = None) -> Iterator[str]:
    """The address of a server until the block ends; it keeps everything in memory, or in ``file`` for the next one."""
    home = StackFolder(folder)
    home.create()
    port = str(home.port("temporal"))
    chosen = dynamic_configuration(lasting=file is not None) | _TIMERS_SOON | (more or {})
    dynamic = [f"--dynamic-config-value={name}={value}" for name, value in chosen.items()]
    words = [str(builder.temporal(print)), "server", "start-dev", "--headless", "--log-level", "error"]
    words += ["--ip", "127.0.0.1", "--port", port, *dynamic]
    words += ["--db-filename", str(file)] if file else []
    child = spawn("temporal", Command(words, dict(os.environ), folder), home.log("temporal"))
    try:
        while not listening(int(port)):
            if fate := child.fate():
                raise RuntimeError(f"the Temporal dev server {fate}: {home.log('temporal').read_text()}")
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        child.stop()


async def connected(address: str, namespace: str = "default") -> Client:
    """A client as the product makes it; its identity says nothing about the machine, for histories are kept."""
    async with asyncio.timeout(READY_WITHIN):
        while True:
            try:
                client = await Client.connect(
                    address,
                    namespace=namespace,
                    data_converter=DATA_CONVERTER,
                    grpc_compression=GrpcCompression.NONE,
                    identity="tests",
                )
                await register_search_attributes(client)
                return client
            except (RPCError, RuntimeError):  # it listens before it serves
                await asyncio.sleep(0.05)


async def namespace_of_its_own(client: Client, name: str) -> Client:
    """The same server, but workers of others take no task from it: a server costs two seconds of the processor."""
    own = Client(client.service_client, namespace=name, data_converter=DATA_CONVERTER)
    await make_namespace(own, timedelta(days=1))
    return await connected(client.service_client.config.target_host, name)
