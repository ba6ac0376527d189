"""One lock that is stuck in PostgreSQL delays those who want the same row, and nobody else."""

import asyncio
from functools import partial

from tests.api.concurrent import Api, bearer, until
from tests.api.test_login import login
from tests.rows import connect

POOL = 10
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%KEY UPDATE%'"


async def test_a_person_whose_row_is_locked_gets_503_and_everybody_else_is_served(api: Api):
    stuck, other = await api.newcomer(), await api.newcomer()
    token = await api.log_in(other)
    session = await connect(api.info["postgres"])
    try:
        async with session.transaction():
            await session.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", stuck["id"])
            logins = [asyncio.create_task(login(api, stuck["phone"], stuck["password"])) for _ in range(POOL)]
            await until(partial(_somebody_waits, api))
            seen = await api.ask("GET", "/bookings/customer", headers=bearer(token))
            assert seen.status_code == 200
            await until(partial(_is_ready, api))
            assert await api.rows.fetchval(WAITING) <= 2, "the others wait without a connection"
            answers = await asyncio.gather(*logins)
    finally:
        await session.close()
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["retry-after"] for answer in answers)
    assert (await login(api, stuck["phone"], stuck["password"])).status_code == 200


async def _is_ready(api: Api) -> bool:
    return (await api.http.get("/health/ready")).status_code == 200


async def _somebody_waits(api: Api) -> bool:
    return bool(await api.rows.fetchval(WAITING))
