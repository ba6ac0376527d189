"""A process is ready while it can do its own part, and says how every other part is."""

from functools import partial

import httpx
import pytest

from tests.api.concurrent import Api, Json, until
from tests.api.conftest import application_of_the_stack
from tests.api.visits import Visits

PARTS = ("postgresql", "mongodb", "temporal", "workflows", "activities", "mail", "provider")


async def states(http: httpx.AsyncClient) -> dict[str, Json]:
    """How every part is, asked of a process that is ready."""
    answer = await http.get("/health/ready")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["states"])


async def is_in(http: httpx.AsyncClient, part: str, state: str) -> bool:
    """Whether a part is found in that state."""
    return bool((await states(http))[part]["state"] == state)


async def test_where_everything_works_all_parts_are_ok_since_some_time(api: Api):
    for part in PARTS:
        await until(partial(is_in, api.http, part, "ok"))
    found = await states(api.http)
    assert {part: found[part]["reason"] for part in PARTS} == dict.fromkeys(PARTS)
    assert await states(api.http) == found


async def test_a_namespace_that_is_missing_is_named_and_reads_are_served(surroundings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "of-nobody")
    app = application_of_the_stack()
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        await until(partial(is_in, http, "temporal", "degraded"))
        assert (await states(http))["temporal"]["reason"] == "Temporal has no namespace of-nobody"
        assert (await http.get("/api/v1/services/")).status_code == 200


async def test_an_e_mail_that_cannot_leave_for_long_degrades_mail(api: Api, visits: Visits):
    _, booking = visits.booked()
    row = "INSERT INTO outbox (booking_id, version, slug, person_id, place, mail, attempts, created_at, next_at) VALUES"
    waiting = "($1, 999, 'waiting', 'nobody', 0, '{}', 1, now() - interval '11 minutes', now() + interval '1 hour')"
    await api.rows.execute(f"{row} {waiting}", booking["id"])
    try:
        await until(partial(is_in, api.http, "mail", "degraded"))
        assert (await states(api.http))["mail"]["reason"].startswith("an e-mail has waited since 20")
    finally:
        await api.rows.execute("DELETE FROM outbox WHERE booking_id = $1 AND version = 999", booking["id"])
    await until(partial(is_in, api.http, "mail", "ok"))
