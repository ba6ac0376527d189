"""The first day of a shop: what `revcare bootstrap` makes."""

import pytest

from devstack.stack import Stack
from tests.api.concurrent import Api
from tests.api.operator import Operator

NOWHERE = "127.0.0.1:1"
DATABASE = "first_day"


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
