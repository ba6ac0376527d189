"""What is past its time is thrown away by the clock, and nothing else is."""

from contextlib import suppress
from datetime import timedelta

from temporalio.client import Client, ScheduleHandle
from temporalio.service import RPCError

from devstack.stack import Stack
from tests.adapters.test_images import PNG
from tests.api.concurrent import Api, is_refusal, until
from tests.api.visits import Visits
from tests.workflows.servers import connected

REFRESH = """
    INSERT INTO refresh_tokens (jti, token, user_id, family, access_jti, access_expires_at, expires_at)
    SELECT $1 || n, 'x', $2, 'hk', 'a' || $1 || n, now() + $4::interval, now() + $3::interval
    FROM generate_series(1, $5) AS n
"""
REVOKED = """
    INSERT INTO revoked_tokens (jti, expires_at) SELECT $1 || n, now() + $2::interval FROM generate_series(1, $3) AS n
"""
ATTEMPTS = "INSERT INTO login_attempts (subject, failures, since) VALUES ($1, 3, now() + $2::interval)"
LEFT = """
    SELECT jti FROM refresh_tokens WHERE family = 'hk' UNION ALL SELECT jti FROM revoked_tokens WHERE jti LIKE 'hk %'
    UNION ALL SELECT subject FROM login_attempts WHERE subject LIKE 'hk %'
"""
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def round_made_now(client: Client) -> ScheduleHandle:
    """The Schedule, told not to wait for the hour; the worker may still be busy making it."""
    schedule = client.get_schedule_handle("housekeeping")

    async def triggered() -> bool:
        with suppress(RPCError):
            await schedule.trigger()
            return True
        return False

    await until(triggered)
    return schedule


async def test_expired_tokens_and_old_failures_go_and_what_counts_stays(api: Api, stack: Stack):
    person = api.card("C")["id"]
    async with api.rows.acquire() as rows, rows.transaction():
        await rows.execute("SET LOCAL session_replication_role = replica")
        await rows.execute(REFRESH, "hk long ago ", person, -2 * HOURS, -7 * DAYS, 2)
        await rows.execute(REFRESH, "hk a moment ago ", person, -10 * MINUTES, -7 * DAYS, 1)
        await rows.execute(REFRESH, "hk alive ", person, 7 * DAYS, 30 * MINUTES, 1)
        await rows.execute(REFRESH, "hk outlived by its access token ", person, -2 * HOURS, 30 * MINUTES, 1)
        await rows.execute(REVOKED, "hk revoked long ago ", -2 * HOURS, 10_001)
        await rows.execute(REVOKED, "hk revoked a moment ago ", -10 * MINUTES, 1)
        await rows.execute(REVOKED, "hk revoked and else alive ", 20 * MINUTES, 1)
        await rows.execute(ATTEMPTS, "hk failed yesterday", -1 * DAYS)
        await rows.execute(ATTEMPTS, "hk failed now", timedelta(0))

    async def only_six() -> bool:
        return len(await api.rows.fetch(LEFT)) == 6

    try:
        await round_made_now(await connected(stack.info["temporal"]))
        await until(only_six)
        assert sorted(name for (name,) in await api.rows.fetch(LEFT)) == [
            "hk a moment ago 1",
            "hk alive 1",
            "hk failed now",
            "hk outlived by its access token 1",
            "hk revoked a moment ago 1",
            "hk revoked and else alive 1",
        ]
    finally:
        await api.rows.execute("DELETE FROM refresh_tokens WHERE family = 'hk'")
        await api.rows.execute("DELETE FROM revoked_tokens WHERE jti LIKE 'hk %'")
        await api.rows.execute("DELETE FROM login_attempts WHERE subject LIKE 'hk %'")


async def test_a_picture_that_nothing_names_is_deleted_and_those_in_a_service_and_a_report_stay(
    api: Api, stack: Stack, visits: Visits
):
    unnamed, in_a_service, in_a_report = [
        (await api.ask("POST", "/utils/images", api.card("C"), files={"file": PNG})).json()["path"] for _ in range(3)
    ]
    assert (await api.ask("PUT", "/services/45", api.card("A"), json={"images": [in_a_service]})).status_code == 200
    _, booking = visits.booked(pickup_type="walk_in")
    body = {"booking_id": booking["id"], "notes": "received", "images": [in_a_report]}
    said = await api.ask("POST", "/bookings/mechanic/progress", api.card("A"), json=body)
    assert said.status_code == 201, said.text
    names = [path.rpartition("/")[2] for path in (unnamed, in_a_service, in_a_report)]
    await api.rows.execute("UPDATE uploads SET uploaded_at = now() - interval '25 hours' WHERE name = ANY($1)", names)

    async def gone() -> bool:
        return (await api.http.get(api.info["api"] + unnamed)).status_code == 404

    try:
        await round_made_now(await connected(stack.info["temporal"]))
        await until(gone)
        for path in (in_a_service, in_a_report):
            assert (await api.http.get(api.info["api"] + path)).status_code == 200, path
        for refused in (
            await api.ask("PUT", "/services/45", api.card("A"), json={"images": [unnamed]}),
            await api.ask("POST", "/bookings/mechanic/progress", api.card("A"), json={**body, "images": [unnamed]}),
        ):
            assert is_refusal(refused, 400) == ""
            assert "not there any more" in refused.json()["detail"]
    finally:
        await api.ask("PUT", "/services/45", api.card("A"), json={"images": []})


async def test_the_round_is_made_every_hour_and_says_what_it_threw_away(stack: Stack):
    client = await connected(stack.info["temporal"])
    schedule = (await (await round_made_now(client)).describe()).schedule
    assert [each.every for each in schedule.spec.intervals] == [HOURS]
    assert not schedule.state.paused
    rounds: list[str] = []

    async def made() -> bool:
        rounds[:] = [each.id async for each in client.list_workflows("WorkflowType = 'HousekeepingWorkflow'")]
        return bool(rounds)

    await until(made)
    found = await client.get_workflow_handle(rounds[0]).result()
    assert found.keys() >= {"refresh_tokens", "revoked_tokens", "login_attempts"}
