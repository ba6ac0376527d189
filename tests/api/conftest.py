"""What the tests of the API share."""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.api.visits import Visits


@pytest.fixture(scope="session")
def visits(stack: Stack) -> Iterator[Visits]:
    """Bookings in the shared stack."""
    visits = Visits(stack)
    yield visits
    visits.close()
