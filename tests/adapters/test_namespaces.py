"""A namespace where the cluster does not let us make one, which no server of the tests refuses."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.namespaces import make_namespace


def a_cluster(*, describes: RPCStatusCode | None, registers: RPCStatusCode | None = None) -> Any:
    """A client whose server answers so; None: as if the namespace were there."""

    def answering(status: RPCStatusCode | None) -> Any:
        async def answer(_request: Any) -> None:
            if status is not None:
                raise RPCError("Request unauthorized.", status, b"")

        return answer

    service = SimpleNamespace(describe_namespace=answering(describes), register_namespace=answering(registers))
    return SimpleNamespace(namespace="shop", workflow_service=service)


async def test_one_that_is_there_is_left_alone():
    assert not await make_namespace(a_cluster(describes=None), timedelta(days=90))


async def test_a_cluster_that_makes_none_is_told_in_a_sentence():
    refusing = a_cluster(describes=RPCStatusCode.NOT_FOUND, registers=RPCStatusCode.PERMISSION_DENIED)
    with pytest.raises(LookupError, match=r"the cluster does not let us make it \(Request unauthorized\.\)"):
        await make_namespace(refusing, timedelta(days=90))


async def test_somebody_who_makes_it_at_the_same_time_has_made_it():
    other = a_cluster(describes=RPCStatusCode.NOT_FOUND, registers=RPCStatusCode.ALREADY_EXISTS)
    assert not await make_namespace(other, timedelta(days=90))
