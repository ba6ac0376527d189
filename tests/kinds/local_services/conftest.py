"""The marketplace of the shared stack."""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.kinds.local_services.market import Market


@pytest.fixture(scope="module")
def market(stack: Stack) -> Iterator[Market]:
    """Its people, over HTTP."""
    market = Market(stack.info)
    yield market
    market.close()
