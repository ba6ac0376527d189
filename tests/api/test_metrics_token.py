"""Who may read the counters of a process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Literal

import httpx
import pytest
from pydantic import SecretStr

from settings import Process, Settings, Web
from tests.api.test_attacks_slow import TIMEOUT, application

TOKEN = "of-the-prometheus-of-this-shop"


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
async def asked() -> AsyncIterator[Ask]:
    """What an API with such settings answers; its counters need no store."""
    app = application(TIMEOUT)
    before = app.state.resources

    async def ask(stated: Literal["development", "production"], token: str | None, sent: str) -> httpx.Response:
        settings = Settings(
            process=Process(environment=stated), web=Web(metrics_token=None if token is None else SecretStr(token))
        )
        app.state.resources = SimpleNamespace(settings=settings, database=None)
        await client.get("/health/live")
        return await client.get("/metrics", headers={"Authorization": sent} if sent else {})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://revcare") as client:
        yield ask
    app.state.resources = before


@pytest.mark.parametrize("stated", ["production", "development"])
@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer of-somebody-else", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
async def test_the_counters_are_for_who_has_the_token(asked, stated, sent):
    refused = await asked(stated, TOKEN, sent)
    assert (refused.status_code, refused.json()["code"]) == (401, "Unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"
    told = await asked(stated, TOKEN, f"Bearer {TOKEN}")
    assert told.status_code == 200
    assert "revcare_http_requests_total" in told.text


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {TOKEN}"])
async def test_in_production_without_a_token_there_are_no_counters(asked, sent):
    assert (await asked("production", None, sent)).status_code == 404


async def test_in_development_without_a_token_anybody_reads_them(asked):
    assert (await asked("development", None, "")).status_code == 200
