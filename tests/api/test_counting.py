"""How many statements a read takes: none for a token that is known by heart, and one for the answer."""

import httpx
import pytest
import structlog

from adapters.postgres.database import Database, counting
from devstack.kinds.vehicle_service.people import new_key
from tests.api.access_table import fitting
from tests.api.concurrent import Api, bearer, until
from tests.api.document import Operation, operations
from tests.api.visits import Visits
from tests.of_every import of_every

READS = [each for each in operations() if each.method == "GET" and each.path.startswith("/api/v1")]
READS = [each for each in READS if not each.path.endswith("/events")]  # a stream looks again and again
READS = [each for each in READS if not each.path.endswith("/export")]  # it walks all that is held of somebody
NO_ROWS = {
    *("GET /gst/", "GET /content/", "GET /content/{content_id}", "GET /queries/"),  # documents
    "GET /auth/me",  # authentication has read it already
    "GET /backup/list",  # files
}


@pytest.fixture(scope="module")
def booking(visits: Visits):
    return visits.ordered()


async def by_heart(http: httpx.AsyncClient, database: Database, headers: dict[str, str]) -> dict[str, str]:
    """The same, once the app knows the token by heart."""

    async def is_known() -> bool:
        with counting(database) as statements:
            assert (await http.get("/api/v1/auth/me", headers=headers)).status_code == 200
        return len(statements) == 0

    await until(is_known)
    return headers


async def test_a_token_that_was_never_seen_costs_one_statement_and_then_none(inside, api: Api):
    http, database = inside
    await by_heart(http, database, await api.token(api.card("C")))
    fresh, costs = bearer(await api.log_in(api.card("C"))), []
    for _ in range(3):
        with counting(database) as statements:
            await http.get("/api/v1/auth/me", headers=fresh)
        costs.append(len(statements))
    assert costs == [1, 0, 0]


@of_every(READS)
async def test_a_read_is_one_statement_and_authentication_costs_none(operation: Operation, inside, api: Api, booking):
    http, database = inside
    owner, made = booking
    role = fitting(str(operation))[-1]
    cards = {"C": owner.card, "M": api.card("M"), "A": api.card("A")}
    headers = await by_heart(http, database, await api.token(cards[role])) if role in cards else {}
    known = {
        "booking_id": made["id"],
        "payment_id": made["payments"][0]["id"],
        "service_id": 45,
        "car_id": made["vehicle"]["id"],
        "customer_id": owner.id,
        "mechanic_id": api.card("M")["id"],
        "admin_id": api.card("A")["id"],
        "number": "CN-2627-000001",
    }
    with counting(database) as statements:
        answer = await http.get(operation.url(known), headers=headers)
    assert answer.status_code in (200, 404), answer.text
    if answer.status_code == 200:
        assert len(statements) == (str(operation) not in NO_ROWS)


@pytest.mark.parametrize(("key", "statements"), [(True, 3), (False, 2)], ids=["with a key", "without"])
async def test_a_command_is_three_statements_beside_what_its_booking_writes(inside, api: Api, visits, key, statements):
    """Whether it is theirs and was asked before, the booking as it stands then, and the answer for who asks again."""
    http, database = inside
    owner, made = visits.booked()
    headers = await by_heart(http, database, await api.token(owner.card))
    path, more = f"/api/v1/bookings/{made['id']}/cancel", {"Idempotency-Key": new_key()} if key else {}
    with counting(database) as sent:
        answer = await http.put(path, json={"reason": "only a try"}, headers={**headers, **more})
    assert answer.status_code == 200, answer.text
    assert len(sent) <= statements, sent.sent


async def test_a_refused_token_reads_nothing_else(inside, api: Api):
    http, database = inside
    headers = await by_heart(http, database, await api.token(api.card("C")))
    with counting(database) as statements:
        answers = [await http.get("/api/v1/bookings/", headers=each) for each in (headers, {}, bearer("x"))]
    assert [answer.status_code for answer in answers] == [403, 401, 401]
    assert len(statements) == 0


async def test_a_bug_of_ours_is_told_without_its_insides(inside, api: Api, monkeypatch: pytest.MonkeyPatch):
    http, _ = inside
    await http.get("/api/v1/services/45")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the insides")

    monkeypatch.setattr("kinds.vehicle_service.api.routes.services.one", broken)
    with structlog.testing.capture_logs() as lines:
        answer = await http.get("/api/v1/services/45", headers={"X-Request-Id": "seen-again"})
    assert (answer.status_code, answer.json()["code"]) == (500, "InternalError")
    assert answer.headers["x-request-id"] == "seen-again"
    assert "insides" not in answer.text
    assert [str(line["exc_info"]) for line in lines if line["log_level"] == "error"] == ["the insides"]
