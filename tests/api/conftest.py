"""What the tests of the API share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import randrange
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from adapters.postgres.database import Database
from api.app import create_app
from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE
from devstack.stack import Stack
from kinds.vehicle_service.api import API
from settings import Settings
from tests.api.concurrent import Api
from tests.api.hostile_visits import HostileVisits, hostile_visits
from tests.api.mailbox import Mailbox
from tests.api.people import hired
from tests.api.visits import Visits
from tests.api.write_requests import WriteRequests

Otherwise = Callable[..., None]
"""Called with the name of a group of settings and values of its fields."""


@pytest.fixture(scope="module", autouse=True)
async def ended_sessions_are_noticed() -> None:
    """A turn for the loop: tests of another file, without one, may have killed PostgreSQL under our idle sessions."""
    await asyncio.sleep(0.05)


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


@pytest.fixture(scope="module")
async def days_off(api: Api) -> AsyncIterator[dict[str, int]]:
    """A closure and an absence of which nobody hears, by their lists of bookings."""
    day, made, mechanic = str(datetime.now(SHOP_TIMEZONE).date() + timedelta(days=725)), {}, await hired(api)
    hour = f"{randrange(1, 24):02}:{randrange(60):02}"
    for path, more in (("/utils/closure", {"closes": hour}), ("/mechanics/absence", {"mechanic_id": mechanic["id"]})):
        answer = await api.ask("POST", path, api.card("A"), json={"first_date": day, **more})
        made[f"GET {path}/{{row_id}}/bookings"] = answer.json()["id"]
    yield made
    for path, row in made.items():
        await api.ask("DELETE", path.removeprefix("GET ").replace("{row_id}/bookings", str(row)), api.card("A"))
    await api.ask("DELETE", f"/mechanics/{mechanic['id']}", api.card("A"))


@pytest.fixture(scope="session")
async def mailbox(stack: Stack) -> AsyncIterator[Mailbox]:
    """What reached people."""
    mailbox = Mailbox(stack.info)
    yield mailbox
    await mailbox.close()


def of_stack(info: dict[str, Any]) -> dict[str, str]:
    """The environment of the stack's own API."""
    mongodb, _, database = info["mongodb"].rpartition("/")
    return {
        "POSTGRESQL_URL": info["postgres"],
        "MONGODB_URI": mongodb,
        "MONGODB_DB": database,
        "TEMPORAL_ADDRESS": info["temporal"],
        "TEMPORAL_NAMESPACE": info["temporal_namespace"],
        "REVCARE_ENVIRONMENT": "development",
        "SECRET_KEY": info["auth"]["secret_key"],
        "REFRESH_SECRET_KEY": info["auth"]["refresh_secret_key"],
    }


@pytest.fixture(scope="module")
def surroundings(stack: Stack) -> Iterator[None]:
    """That environment, for an app in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in of_stack(stack.info).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
async def app(surroundings: None) -> AsyncIterator[FastAPI]:
    """The app in this process, on the stack's servers."""
    app = application_of_the_stack()
    async with app.router.lifespan_context(app):
        yield app


@cache
def application_of_the_stack() -> FastAPI:
    """Made once, for it takes half a second; what it has open is of each module."""
    return create_app(API, settings=Settings())


@pytest.fixture(scope="module")
async def inside(app: FastAPI) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """That app, asked without a network, and its database, whose statements can be counted."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        yield http, app.state.resources.database


@pytest.fixture
def otherwise(app: FastAPI) -> Iterator[Otherwise]:
    """That app with some settings of a group changed, until the test has ended."""
    opened = app.state.resources

    def change(group: str, **values: Any) -> None:
        changed = getattr(opened.settings, group).model_copy(update=values)
        app.state.resources = replace(opened, settings=opened.settings.model_copy(update={group: changed}))

    yield change
    app.state.resources = opened


@pytest.fixture(scope="session")
def hostile(stack: Stack) -> Iterator[HostileVisits]:
    """Visits of somebody hostile, once for all who look at what is left of them."""
    with hostile_visits(stack.info) as found:
        yield found


@pytest.fixture(scope="module")
async def writes(api: Api) -> AsyncIterator[WriteRequests]:
    """Rows of the tests' own, for requests that succeed as often as they are made."""
    writes = await WriteRequests.prepared(api)
    yield writes
    await writes.cleared()
