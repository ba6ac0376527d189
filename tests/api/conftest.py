"""What the tests of the API share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from devstack.stack import Stack
from tests.api.asking import Api
from tests.api.mailbox import Mailbox
from tests.api.visits import Visits


@pytest.fixture(scope="session")
def visits(stack: Stack) -> Iterator[Visits]:
    """Bookings in the shared stack."""
    visits = Visits(stack)
    yield visits
    visits.close()


@pytest.fixture(scope="session")
async def api(stack: Stack) -> AsyncIterator[Api]:
    """The running API, asked many things at once."""
    async with Api(stack.info) as api:
        yield api


@pytest.fixture(scope="session")
async def mailbox(stack: Stack) -> AsyncIterator[Mailbox]:
    """What reached people."""
    mailbox = Mailbox(stack.info)
    yield mailbox
    await mailbox.close()
