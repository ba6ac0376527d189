"""The namespace that we work in, made where the cluster lets us; some are made by whoever runs the cluster."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.reachability import must_have_namespace

_PAUSE = 1.0

T = TypeVar("T")


async def make_namespace(client: Client, keep: timedelta) -> bool:
    """Make the client's namespace, where histories are kept for so long after their end; False: it is there.

    Raises:
        LookupError: it is not there, and the cluster does not let us make it.
        RPCError: the cluster does not say whether it is there.
    """
    try:
        await must_have_namespace(client)
    except LookupError:
        kept = Duration()
        kept.FromTimedelta(keep)
        wanted = RegisterNamespaceRequest(
            namespace=client.namespace, description="Bookings of RevCare", workflow_execution_retention_period=kept
        )
        try:
            await client.workflow_service.register_namespace(wanted)
        except RPCError as refused:
            if refused.status is RPCStatusCode.ALREADY_EXISTS:
                return False
            raise LookupError(f"the cluster does not let us make it ({refused.message}): have it made there") from None
        return True
    return False


async def once_known(do: Callable[[], Awaitable[T]], within: timedelta) -> T:
    """What ``do`` answers: a new namespace is known to all parts of a cluster after some ten seconds.

    Raises:
        RPCError: it is not known then, or something else is wrong.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + within.total_seconds()
    while True:
        try:
            return await do()
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND or clock() > until:
                raise
        await asyncio.sleep(_PAUSE)
