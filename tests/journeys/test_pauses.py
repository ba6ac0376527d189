"""New bookings and new payments online paused for a while: refused in a sentence, while what is under way goes on."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.pauses import Pauses
from adapters.postgres.schemas import PUBLIC
from devstack.demo.calls import until
from domain.shop_pauses import Paused
from settings import Stores
from tests.journeys.payment_scenarios import WASH, Visit

ZONE = "Asia/Kolkata"


class Switches:
    """Pauses and resumes, as an operator does."""

    def __init__(self, url: str) -> None:
        self._url = url

    def pause(self, what: Paused, until: datetime | None = None, reason: str = "") -> None:
        asyncio.run(self._with(lambda pauses: pauses.pause(what, until, reason)))

    def resume(self, *which: Paused) -> list[Paused]:
        return asyncio.run(self._with(lambda pauses: pauses.resume(which or tuple(Paused))))

    def end_now(self) -> None:
        """As if the time of every pause were over."""
        asyncio.run(self._with(lambda pauses: self._over(pauses)))

    async def _over(self, pauses: Pauses) -> None:
        async with pauses._database.write.begin() as connection:
            await connection.execute(text("UPDATE pauses SET until = now()"))

    async def _with(self, use):
        database = Database(Stores(postgresql_url=self._url), PUBLIC)
        try:
            return await use(Pauses(database, ZONE))
        finally:
            await database.close()


@pytest.fixture
def switches(stack) -> Iterator[Switches]:
    switches = Switches(stack.info["postgres"])
    yield switches
    switches.resume()


def asked(visit: Visit, person, method: str, path: str, key: str, body: dict) -> httpx.Response:
    """The answer to one request; the people of the journeys would ask again until it is no 503."""
    api, card = f"{visit.shop.info['api']}/api/v1", person.card
    login = httpx.post(f"{api}/auth/login", data={"username": card["phone"], "password": card["password"]})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}", "Idempotency-Key": key}
    return httpx.request(method, api + path, json=body, headers=headers, timeout=30)


def told(visit: Visit) -> list[dict]:
    """What everybody may read, without a login."""
    return httpx.get(f"{visit.shop.info['api']}/api/v1/pauses").json()


def test_while_bookings_are_paused_none_is_made_and_those_that_are_there_go_on(visit: Visit, switches: Switches):
    assert told(visit) == []
    visit.book(WASH)
    end = datetime.now(UTC) + timedelta(hours=3)
    switches.pause(Paused.BOOKINGS, end, "we move")
    owner, vehicle = visit.shop.bought()
    wish = {"vehicle_id": vehicle, "services": [{"service_id": visit.shop.service(WASH)}], **visit.shop.times()}

    def book() -> httpx.Response:
        return asked(visit, owner, "POST", "/bookings/", "while-we-move", wish)

    refused = book()
    assert (refused.status_code, refused.json()["code"]) == (503, "BookingsPaused")
    assert refused.json()["detail"].startswith("we take no new bookings until ")
    assert refused.json()["detail"].endswith("(we move); bookings that were made go on as agreed")
    assert 3 * 3600 - 120 < int(refused.headers["retry-after"]) <= 3 * 3600
    assert [(row["what"], row["sentence"]) for row in told(visit)] == [("bookings", refused.json()["detail"])]
    visit.fetch_the_car()
    switches.end_now()
    assert told(visit) == []
    made = book()
    assert made.status_code == 201, made.text
    owner.cancel(made.json()["id"], "only a try")
    visit.cancel("only a try")


def test_while_payments_are_paused_no_order_is_made_and_what_is_paid_counts(visit: Visit, switches: Switches):
    visit.book(WASH)
    visit.fetch_the_car()
    visit.analyse()
    switches.pause(Paused.PAYMENTS)
    orders = len(visit.provider.call("GET", "/sandbox/state")["orders"])
    wanted = {"service_ids": list(visit.quoted), "payment_method_id": visit.shop.payment_method("online")}

    def choose() -> httpx.Response:
        path = f"/bookings/{visit.id}/confirm-services"
        return asked(visit, visit.customer, "PUT", path, "while-payments-are-paused", wanted)

    refused = choose()
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (
        503,
        "PaymentsPaused",
        "600",
    )
    assert "you can pay in cash" in refused.json()["detail"]
    assert len(visit.provider.call("GET", "/sandbox/state")["orders"]) == orders
    assert switches.resume() == [Paused.PAYMENTS]
    chosen = choose()
    assert chosen.status_code == 200, chosen.text
    order = chosen.json()["order_id"]
    switches.pause(Paused.PAYMENTS)
    assert choose().json()["order_id"] == order
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.is_confirmed()
    visit.counts_once(payment)


def test_while_payments_are_paused_cash_is_chosen_as_ever(visit: Visit, switches: Switches):
    visit.book(WASH)
    visit.fetch_the_car()
    visit.analyse()
    switches.pause(Paused.PAYMENTS, reason="the bank is being changed")
    visit.agree_on_cash()
    until("the booking to go on", lambda: visit.now()["status"] == "in-progress")
    visit.cancel("only a try")
