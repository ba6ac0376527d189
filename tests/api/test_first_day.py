"""The first day of a shop: what `revcare bootstrap` makes, and what `revcare check --ready` says is missing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from temporalio.client import Client

from adapters.temporal.namespaces import make_namespace
from devstack.stack import Stack
from tests.api.concurrent import Api
from tests.api.operator import Operator
from tests.database_copies import new_database

NOWHERE = "127.0.0.1:1"
DATABASE = "first_day"
_BOOKINGS = "bookings of local-services"
_OPEN = """
INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
    created_at, updated_at, state, summaries)
VALUES (1001, 'local_services', 'REQUESTED', 1, 'USR000001', 0, 0, 'none', false, now(), now(), now(), '{}', '{}')
"""


@pytest.fixture
def operator(surroundings, stack: Stack, capsys, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Somebody at the shared stack, whose shop is the vehicle service alone."""
    server, _, port = stack.info["mail"]["smtp"].rpartition(":")
    provider = stack.info["razorpay"]
    own = {"REVCARE_KINDS": "kinds.vehicle_service", "MAIL_SERVER": server, "MAIL_PORT": port}
    own |= {"RAZORPAY_BASE_URL": provider["base_url"], "RAZORPAY_KEY_ID": provider["key_id"]}
    for name, value in (own | {"RAZORPAY_KEY_SECRET": provider["key_secret"]}).items():
        monkeypatch.setenv(name, value)
    return Operator(capsys, monkeypatch)


@pytest.fixture
async def empty_database(stack: Stack) -> AsyncIterator[str]:
    """A database without a table, on the stack's server."""
    async with new_database(stack.info["postgres"], DATABASE) as url:
        yield url


async def test_bootstrap_makes_what_is_missing_and_finds_it_the_next_time(operator: Operator, stack: Stack):
    own = {"MONGODB_DB": DATABASE, "TEMPORAL_NAMESPACE": "bootstrapped"}
    code, lines = await operator.run("bootstrap", **own)
    assert (code, lines[0]) == (0, "namespace bootstrapped: made, what has ended stays for 90 days")
    assert lines[1].startswith("search attributes: made AmountDue, ")
    assert {line.rpartition(": ")[2].split()[0] for line in lines} == {"made,", "made"}
    code, lines = await operator.run("bootstrap", **own)
    assert (code, {line.rpartition(": ")[2] for line in lines}) == (0, {"found"})
    assert {"schedule daily-backup: found", f"MongoDB {DATABASE}, the indexes of vehicle-service: found"} <= set(lines)


async def test_bootstrap_says_what_it_cannot_reach_and_makes_the_rest(operator: Operator):
    code, lines = await operator.run("bootstrap", TEMPORAL_ADDRESS=NOWHERE)
    assert (code, len(lines)) == (1, 2)
    assert lines[0].startswith(f"Temporal: Temporal does not answer at {NOWHERE}")
    assert lines[1].endswith("the indexes of vehicle-service: found")


async def test_an_admin_of_the_servers_sees_which_bookings_wait_for_somebody(operator: Operator, visits, api: Api):
    _, booking = visits.booked()
    code, lines = await operator.run("stuck")
    assert code == (1 if any(not line.startswith("no bookings") for line in lines) else 0)
    line = f"  vehicle-service {booking['id']}: booked since "
    waits = "UPDATE bookings SET needs_attention = $2, since = since + make_interval(years => $3) WHERE id = $1"
    await api.rows.execute(waits, booking["id"], True, -10)
    try:
        code, lines = await operator.run("stuck")
    finally:
        await api.rows.execute(waits, booking["id"], False, 10)
    assert code == 1
    assert [each for each in lines if each.startswith(line)]


async def test_a_shop_that_takes_bookings_is_ready(operator: Operator):
    of_other_tests = "bookings of "  # of kinds that the stack runs and this shop does not
    assert [part for part in await operator.faults() if not part.startswith(of_other_tests)] == []


async def test_a_second_kind_comes_with_a_setting_and_is_missed_when_it_goes_with_bookings_open(
    operator: Operator, empty_database: str
):
    own, second = {"POSTGRESQL_URL": empty_database}, {"REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services"}
    assert (await operator.run("migrate", **own))[0] == 0
    found = await operator.faults(**own, **second)
    assert "local people is at nothing" in found["schema"]
    assert "`revcare migrate` brings it there" in found["schema"]
    code, [line] = await operator.run("migrate", **own, **second)
    assert (code, "vehicle_service" in line, ", local people 00" in line) == (0, True, True)
    assert (await operator.run("migrate", **own))[0] == 0
    assert _BOOKINGS not in await operator.faults(**own)
    server = await asyncpg.connect(empty_database)
    try:
        await server.execute(_OPEN)
    finally:
        await server.close()
    assert (await operator.faults(**own))[_BOOKINGS] == (
        "1 open, and nobody runs that kind: name its package in REVCARE_KINDS until they are closed"
    )
    assert _BOOKINGS not in await operator.faults(**own, **second)


async def test_servers_that_cannot_be_reached_are_told_apart(operator: Operator):
    found = await operator.faults(
        POSTGRESQL_URL=f"postgresql://{NOWHERE}/revcare",
        MONGODB_URI=f"mongodb://{NOWHERE}",
        TEMPORAL_ADDRESS=NOWHERE,
        RAZORPAY_BASE_URL=f"http://{NOWHERE}",
        MAIL_PORT="1",
    )
    assert set(found) == {"PostgreSQL", "MongoDB of vehicle-service", "Temporal", "payment provider", "mail"}
    assert {part: fault for part, fault in found.items() if "does not answer" not in fault} == {}


async def test_a_missing_namespace_a_refused_key_and_refused_mails_are_told_apart(operator: Operator):
    found = await operator.faults(
        TEMPORAL_NAMESPACE="of-nobody", RAZORPAY_KEY_SECRET="wrong", MAIL_USERNAME="shop", MAIL_PASSWORD="wrong"
    )
    assert found["namespace"] == "Temporal has no namespace of-nobody: `revcare bootstrap` makes it"
    assert found["payment provider"] == "it refuses our key (RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET)"
    assert " refuses our mails: " in found["mail"]
    of_kinds_beside = {part for part in found if part.startswith("bookings of ")}
    assert len(found) - len(of_kinds_beside) == 3


async def test_a_new_shop_hears_step_by_step_what_is_missing(operator: Operator, stack: Stack, empty_database: str):
    own = {"POSTGRESQL_URL": empty_database, "MONGODB_DB": DATABASE, "TEMPORAL_NAMESPACE": "first-day"}
    client = await Client.connect(stack.info["temporal"], namespace="first-day")
    assert await make_namespace(client, timedelta(days=1))
    assert not await make_namespace(client, timedelta(days=1))
    found = await operator.faults(**own)
    assert found["schema"].startswith("engine is at nothing, the newest is ")
    assert found["search attributes"].startswith("AmountDue, BookingCustomer, ")
    assert "daily-backup, " in found["schedules"]
    assert found["schedules"].endswith(" missing: `revcare bootstrap` makes them")
    assert "role workflows" in found
    assert (await operator.run("bootstrap", **own))[0] == 0
    assert (await operator.run("migrate", **own))[0] == 0
    await client.get_schedule_handle("daily-backup").pause()
    found = await operator.faults(**own)
    assert found["schedules"] == "daily-backup paused: an admin of Temporal resumes them"
    assert found["role workflows"] == "no worker asks for work of bookings: `revcare worker workflows` does"
    assert found["role activities"].startswith("no worker asks for work of payments, mail, ")
    assert "no GST percent has been set" in found["GST percent of vehicle-service"]
    first = found["first booking of vehicle-service"]
    assert "no admin can log in: make one with `revcare add-admin`" in first
    assert "no timeslot has room" in first
