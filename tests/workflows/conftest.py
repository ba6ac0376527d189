"""One set of workers for all these tests; every test has a booking (and a car) of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from temporalio.client import Client

from tests.workflows.engine import Engine, working
from tests.workflows.paths import PATHS
from tests.workflows.visit import Visit, new_booking

Open = Callable[..., Awaitable[Visit]]


@pytest.fixture(scope="session")
async def engine(client: Client) -> AsyncIterator[Engine]:
    """The product's workers over fakes, on a real server."""
    async with working(client) as engine:
        yield engine


@pytest.fixture(scope="session")
async def told(engine: Engine) -> Callable[[str], Awaitable[Visit]]:
    """A path, walked once for all the tests that look at it."""
    visits: dict[str, Visit] = {}

    async def tell(path: str) -> Visit:
        if path not in visits:
            visits[path] = await PATHS[path](engine)
        return visits[path]

    return tell


@pytest.fixture
def visit(engine: Engine) -> Callable[..., Visit]:
    """A visit that nobody has booked yet."""
    return lambda **other: Visit(engine, new_booking(**other))


@pytest.fixture
def opened(engine: Engine) -> Open:
    """A visit that was just booked."""

    return lambda **other: Visit(engine, new_booking(**other)).opens()
