"""Sessions that end while somebody else is opening or renewing one: nobody slips out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from adapters.postgres.database import Database
from adapters.postgres.people.sessions import end_every_session
from devstack.stack import Stack
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.api.concurrent import Api, Json, bearer, until
from tests.api.test_login import COOKIE, login, me, refresh, session
from tests.rows import connect

_WAITING = """
    WITH RECURSIVE waiting (pid) AS (
        SELECT $1::int
        UNION SELECT other.pid FROM waiting, pg_stat_activity AS other
            WHERE other.wait_event_type = 'Lock' AND waiting.pid = ANY(pg_blocking_pids(other.pid))
    )
    SELECT count(*) = $2 + 1 FROM waiting
"""


class Hold:
    """Somebody who holds a person's row, and sees who waits for it."""

    def __init__(self, api: Api, rows: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.rows = rows
        self._api = api

    async def waited_for(self, by: int) -> None:
        """Until so many wait for this row, one behind the other.

        Asked outside the holder's transaction: in it, ``pg_stat_activity`` knows no session that was opened since it
        was first read, and a pool opens its second session when two requests come at once.
        """
        holder = self.rows.get_server_pid()
        await until(lambda: self._api.rows.fetchval(_WAITING, holder, by))


@asynccontextmanager
async def holding(api: Api, card: Json) -> AsyncIterator[Hold]:
    rows = await connect(api.info["postgres"])
    try:
        async with rows.transaction():
            await rows.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", card["id"])
            yield Hold(api, rows)
    finally:
        await rows.close()


async def is_out(api: Api, access: str) -> bool:
    return await me(api, access) == 401


async def test_a_login_with_the_old_password_does_not_outlive_a_new_one(api: Api):
    card = await api.newcomer()
    async with holding(api, card) as hold:
        late = asyncio.create_task(login(api, card["phone"], card["password"]))
        await hold.waited_for(1)
        await hold.rows.execute("UPDATE users SET password_hash = 'another' WHERE id = $1", card["id"])
    assert (await late).status_code == 401
    assert await api.rows.fetchval("SELECT count(*) FROM refresh_tokens WHERE user_id = $1", card["id"]) == 0


@pytest.mark.parametrize("first", ["logout", "refresh"])
async def test_a_refresh_beside_a_logout_leaves_nobody_inside(api: Api, first: str):
    card = await api.newcomer()
    access, token = await session(api, card)
    requests = {
        "logout": lambda: api.ask("POST", "/auth/logout", headers=bearer(access)),
        "refresh": lambda: refresh(api, token),
    }
    running = {}
    async with holding(api, card) as hold:
        for number, name in enumerate(sorted(requests, key=lambda name: name != first), start=1):
            running[name] = asyncio.create_task(requests[name]())
            await hold.waited_for(number)
    assert (await running["logout"]).status_code == 200
    renewed = await running["refresh"]
    assert renewed.status_code == (200 if first == "refresh" else 401)
    assert await me(api, access) == 401
    if first == "refresh":
        assert await me(api, renewed.json()["access_token"]) == 401
        assert (await refresh(api, renewed.cookies[COOKIE])).status_code == 401


async def test_ending_every_session_of_a_person_ends_all_theirs_and_nobody_elses(api: Api, stack: Stack):
    card, somebody = await api.newcomer(), await api.newcomer()
    sessions = [await session(api, card) for _ in range(3)]
    renewed = await refresh(api, sessions[0][1])
    sessions.append((renewed.json()["access_token"], renewed.cookies[COOKIE]))
    theirs = await session(api, somebody)
    database = Database(Stores(postgresql_url=stack.info["postgres"]), STORAGE.schema)
    try:
        async with database.write.begin() as connection:
            await end_every_session(connection, card["id"])
    finally:
        await database.close()
    for access, token in sessions:
        await until(lambda access=access: is_out(api, access))  # done beside the API: nobody waited until it heard
        assert (await refresh(api, token)).status_code == 401
    assert await me(api, theirs[0]) == 200
    assert (await refresh(api, theirs[1])).status_code == 200
