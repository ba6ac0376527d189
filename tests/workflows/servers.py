"""Ways to a Temporal server that the session's own server does not offer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.service import GrpcCompression
from temporalio.testing import WorkflowEnvironment

from adapters.temporal import DATA_CONVERTER, register_search_attributes
from devstack import builder

FEW_EVENTS = 60


async def connected(address: str) -> Client:
    """A client as the product makes it; its identity says nothing about the machine, for histories are kept."""
    client = await Client.connect(
        address, data_converter=DATA_CONVERTER, grpc_compression=GrpcCompression.NONE, identity="tests"
    )
    await register_search_attributes(client)
    return client


@asynccontextmanager
async def impatient_server() -> AsyncIterator[Client]:
    """A server that asks for a new run after a few events instead of some thousands."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(builder.temporal(print)),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={FEW_EVENTS}"],
    )
    async with environment:
        yield await connected(environment.client.service_client.config.target_host)
