"""One set of workers for all these tests; every test has a booking (and a car) of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.workflows.engine import Engine, working
from tests.workflows.paths import PATHS
from tests.workflows.prepared import prepared
from tests.workflows.visit import Visit, new_booking

Open = Callable[..., Awaitable[Visit]]
HERE = Path(__file__).parent
LONGEST = 90.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that hangs is cancelled, so that it cleans up; pytest's own timeout would leave its task in our loop."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == HERE and iscoroutinefunction(item.obj):
            own = item.get_closest_marker("timeout")
            item.obj = _patient(item.obj, own.args[0] if own else LONGEST)


def _patient(test: Callable[..., Awaitable[None]], longest: float) -> Callable[..., Awaitable[None]]:
    @wraps(test)
    async def in_time(**fixtures: Any) -> None:
        async with asyncio.timeout(longest):
            await test(**fixtures)

    return in_time


@pytest.fixture(autouse=True)
async def _somebody_works(request: pytest.FixtureRequest) -> None:
    """A test that broke with the engine stopped must not take the others with it."""
    if "engine" in request.fixturenames and not (engine := request.getfixturevalue("engine")).works:
        await engine.start()


@pytest.fixture(scope="session")
async def engine(client: Client) -> AsyncIterator[Engine]:
    """The product's workers over fakes, on a real server."""
    async with working(client) as engine:
        yield engine


@pytest.fixture(scope="session")
async def walked(engine: Engine) -> Callable[[str], Awaitable[Visit]]:
    """A path, walked once for all the tests that look at it."""
    visits: dict[str, Visit] = {}

    async def walk(path: str) -> Visit:
        if path not in visits:
            visits[path] = await PATHS[path](engine)
        return visits[path]

    return walk


@pytest.fixture
def visit(engine: Engine) -> Callable[..., Visit]:
    """A visit that nobody has booked yet."""
    return lambda **other: Visit(engine, new_booking(**other))


@pytest.fixture
def opened(engine: Engine) -> Open:
    """A visit that was just booked."""

    return lambda **other: Visit(engine, new_booking(**other)).opens()


@pytest.fixture
def received(engine: Engine) -> Open:
    """A visit whose car is with us; its workflow begins there."""
    return lambda **other: prepared(engine, Visit.received, **other)


@pytest.fixture
def estimated(engine: Engine) -> Open:
    """A visit whose customer has to decide on the estimate; its workflow begins there."""
    return lambda **other: prepared(engine, Visit.estimate_ready, **other)
