"""Live streams end: with the login that they were opened with, and after a while in any case."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import pytest

from devstack.kinds.vehicle_service.people import Customer
from devstack.stack import Stack
from tests.api.concurrent import PREFIX, Api, Json, bearer, is_refusal, until
from tests.api.people import appointed
from tests.api.test_login import session
from tests.api.test_own_sessions import sessions_of
from tests.api.visits import Visits
from tests.api_beside import api_beside

SOON = 8.0
"""Seconds, less than a stream that nobody wakes takes to look again."""
MECHANIC = 2
MOST = 20
"""Streams of one person in one process, as `REVCARE_STREAMS_PER_PERSON` has it by default."""

Leaving = Callable[[Api, Json, str], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def strict(stack: Stack) -> Iterator[str]:
    """An API in which streams live for a second."""
    with api_beside(stack, {"REVCARE_STREAM_LIFETIME": "1s"}) as url:
        yield url


@pytest.fixture(scope="module")
def booked(visits: Visits) -> tuple[Customer, int]:
    """A customer and their booking, which goes on for as long as the tests do that have no other."""
    owner, booking = visits.booked()
    return owner, booking["id"]


@asynccontextmanager
async def streaming(base: str, access: str, number: int) -> AsyncIterator[tuple[httpx.Response, AsyncIterator[str]]]:
    """An open stream of a booking: its head, and its lines as they come."""
    async with (
        httpx.AsyncClient(base_url=base + PREFIX, timeout=30, trust_env=False) as http,
        http.stream("GET", f"/bookings/{number}/events", headers=bearer(access)) as answer,
    ):
        yield answer, answer.aiter_lines()


async def entries(lines: AsyncIterator[str], count: int) -> None:
    """Until so many have come: from now on the stream waits for what is new."""
    async for line in lines:
        count -= line.startswith("data:")
        if not count:
            return


async def the_rest(lines: AsyncIterator[str]) -> list[str]:
    """The entries that still come, when the stream has ended."""
    return [line async for line in lines if line.startswith("data:")]


async def logs_out(api: Api, _card: Json, access: str) -> httpx.Response:
    return await api.ask("POST", "/auth/logout", headers=bearer(access))


async def has_a_new_password(api: Api, card: Json, access: str) -> httpx.Response:
    body = {"current_password": card["password"], "new_password": "Another-Secret-1"}
    return await api.ask("POST", "/auth/password/change", headers=bearer(access), json=body)


async def is_removed(api: Api, card: Json, _access: str) -> httpx.Response:
    return await api.ask("DELETE", f"/admins/{card['id']}", api.card("A"))


async def is_ended_from_another_device(api: Api, card: Json, access: str) -> httpx.Response:
    (this,) = [each for each in await sessions_of(api, access) if each["current"]]
    elsewhere, _ = await session(api, card)
    return await api.ask("DELETE", f"/auth/sessions/{this['id']}", headers=bearer(elsewhere))


@pytest.mark.parametrize("leaving", [logs_out, has_a_new_password, is_removed, is_ended_from_another_device])
async def test_nothing_is_shown_any_more_to_whoever_is_out_and_the_stream_ends(
    api: Api, visits: Visits, booked: tuple[Customer, int], leaving: Leaving
):
    (owner, number), card = booked, await appointed(api)
    access, _ = await session(api, card)
    async with asyncio.timeout(SOON), streaming(api.info["api"], access, number) as (_answer, lines):
        await entries(lines, len(owner.booking(number)["timeline"]))
        assert (await leaving(api, card, access)).status_code == 200
        assert owner.reschedule(number, **visits.shop.times())["timeline"], "something that it would have shown"
        assert await the_rest(lines) == []


async def test_a_scope_that_is_taken_away_ends_the_streams_of_its_role(api: Api, visits: Visits):
    _, booking = visits.booked()
    mechanic = (await asyncio.to_thread(visits.shop.assign, booking, "pickup")).card
    access, _ = await session(api, mechanic)
    roles = (await api.ask("GET", "/rbac/roles", api.card("A"))).json()
    scopes = next(role["scopes"] for role in roles if role["id"] == MECHANIC)
    path = f"/rbac/roles/{MECHANIC}/scopes"
    async with asyncio.timeout(SOON), streaming(api.info["api"], access, booking["id"]) as (_answer, lines):
        await entries(lines, 2)
        try:
            fewer = {"scopes": [scope for scope in scopes if scope != "READ:BOOKINGS"]}
            assert (await api.ask("PUT", path, api.card("A"), json=fewer)).status_code == 200
            visits.shop.admin.put(f"/bookings/{booking['id']}/cancel", {"reason": "only a try"})
            assert await the_rest(lines) == []
        finally:
            assert (await api.ask("PUT", path, api.card("A"), json={"scopes": scopes})).status_code == 200


async def test_another_session_of_theirs_goes_on(api: Api, visits: Visits):
    _, booking = visits.booked()
    card = await appointed(api)
    (phone, _), (laptop, _) = await session(api, card), await session(api, card)
    async with asyncio.timeout(SOON), streaming(api.info["api"], laptop, booking["id"]) as (_answer, lines):
        await entries(lines, 1)
        assert (await logs_out(api, card, phone)).status_code == 200
        visits.shop.admin.put(f"/bookings/{booking['id']}/cancel", {"reason": "only a try"})
        assert '"cancelled"' in (await the_rest(lines))[0]


async def test_a_busy_stream_ends_after_its_time_too(api: Api, visits: Visits, strict: str):
    owner, booking = visits.booked()
    access, _ = await session(api, owner.card)

    async def followed(lines: AsyncIterator[str]) -> int:
        moves = 0
        async for line in lines:
            if line.startswith("data:"):  # each entry is followed by another one
                assert moves < 100, "it goes on for ever"
                moves += 1
                times = visits.shop.times(after=booking["pickup"]["date"] if moves % 2 else None)
                await asyncio.to_thread(owner.reschedule, booking["id"], **times)
        return moves

    async with asyncio.timeout(60):
        ended = list[int]()
        while max(ended, default=0) < 2:  # a machine that stands still tells of one in all its time
            async with streaming(strict, access, booking["id"]) as (_answer, lines):
                ended.append(await followed(lines))
    assert owner.cancel(booking["id"], "only a try")["status"] == "cancelled"


async def test_a_person_has_so_many_streams_and_a_place_is_free_when_one_ends(api: Api, booked: tuple[Customer, int]):
    owner, number = booked
    access, _ = await session(api, owner.card)
    somebody, base = await appointed(api), api.info["api"]
    async with AsyncExitStack() as all_of_them:
        for _ in range(MOST):
            answer, _lines = await all_of_them.enter_async_context(streaming(base, access, number))
            assert answer.status_code == 200
        async with streaming(base, access, number) as (refused, _):
            await refused.aread()
            assert is_refusal(refused, 429) == ""
            assert 0 < int(refused.headers["retry-after"]) <= 60
        async with streaming(base, (await session(api, somebody))[0], number) as (other, _):
            assert other.status_code == 200
    await until(partial(_is_served, base, access, number))


async def _is_served(base: str, access: str, number: int) -> bool:
    async with streaming(base, access, number) as (answer, _):
        return answer.status_code == 200
