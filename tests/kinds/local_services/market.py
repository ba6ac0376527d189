"""People of the marketplace over HTTP: an admin, providers with listings, seekers who request their services."""

import asyncio
import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from adapters.auth.passwords import Passwords
from devstack.demo.calls import until
from devstack.demo.externals import Provider as Gateway
from devstack.kinds.local_services.market import ANY_HOUR
from tests.addresses import new_address

PASSWORD = "Secret-123"
ADMIN_PHONE = "+917000000900"
PREFIX = "/api/v1"
_PHONES = itertools.count(8_000_000_001)


class Person:
    """Somebody who is logged in."""

    def __init__(self, market: "Market", user: dict[str, Any], token: str) -> None:
        self.market, self.id, self.user, self.token = market, user["id"], user, token

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **content.pop("headers", {})}
        return self.market.http.request(method, path, headers=headers, **content)

    def does(self, method: str, path: str, status: int = 200, **content: Any) -> Any:
        answer = self.ask(method, path, **content)
        assert answer.status_code == status, answer.text
        return answer.json()

    def requests(self, listing: int, start: datetime, **given: Any) -> dict[str, Any]:
        """A booking that was made."""
        return self.does("POST", "/bookings/", 201, json=wish(listing, start, **given))

    def moves(self, booking: int, status: str, **given: Any) -> dict[str, Any]:
        """The booking after it was asked for another status."""
        return self.does("PATCH", f"/bookings/{booking}/status", json={"status": status, **given})

    def now(self, booking: int) -> dict[str, Any]:
        return self.does("GET", f"/bookings/{booking}")


class Market:
    """Local services of the shared stack, with an admin and a category of its own."""

    def __init__(self, info: dict[str, Any]) -> None:
        url = info["kinds"]["local-services"]["api"]
        self.http = httpx.Client(base_url=url + PREFIX, timeout=60, trust_env=False)
        self.outside = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self.gateway = Gateway(info["razorpay"]["base_url"])
        self.info = info
        asyncio.run(_admin(info["postgres"]))
        self.admin = self.logs_in(ADMIN_PHONE)
        category = {"name": f"Cleaning {uuid.uuid4().hex[:8]}", "description": "Homes", "icon": "broom"}
        self.category = self.admin.does("POST", "/services/categories", 201, json=category)["id"]

    def close(self) -> None:
        self.http.close()
        self.outside.close()
        self.gateway.close()

    def logs_in(self, phone: str) -> Person:
        answer = self.http.post("/auth/login", json={"phone": phone, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Person(self, answer.json()["user"], answer.json()["access_token"])

    def registers(self, role: str, **given: Any) -> Person:
        body = {
            "phone": str(next(_PHONES)),
            "password": PASSWORD,
            "first_name": "Asha",
            "last_name": "Rao",
            "role": role,
        }
        somewhere = {"X-Forwarded-For": new_address()}
        answer = self.http.post("/auth/register", json={**body, **given}, headers=somewhere)
        assert answer.status_code == 201, answer.text
        return Person(self, answer.json()["user"], answer.json()["access_token"])

    def seeker(self, **given: Any) -> Person:
        return self.registers("SERVICE_SEEKER", **given)

    def provider(self, **given: Any) -> Person:
        """One who works at any hour of the week."""
        person = self.registers("SERVICE_PROVIDER", **given)
        person.does("PUT", "/users/me/availability", json=ANY_HOUR)
        return person

    def listing(self, provider: Person, **given: Any) -> int:
        body = {"category_id": self.category, "title": "Deep clean", "pricing_unit": "HOUR", "base_price": "450.00"}
        return int(provider.does("POST", "/services/listings", 201, json={**body, **given})["id"])

    def account(self, provider: Person, *, activated: bool = True) -> str:
        """The provider's account at the payment provider, told by the admin; its id."""
        made = httpx.post(
            f"{self.info['razorpay']['base_url']}/sandbox/accounts",
            json={"name": provider.id, "activated": activated},
            trust_env=False,
        ).json()
        self.admin.does("PUT", f"/users/{provider.id}/payout-account", json={"account_id": made["id"]})
        return str(made["id"])

    def work(self, requester: Person, provider: Person, listing: int, start: datetime) -> int:
        """A booking that is requested, accepted, paid, and has begun."""
        number = int(requester.requests(listing, start)["id"])
        provider.moves(number, "ACCEPTED")
        self.pays(requester, number)
        provider.moves(number, "IN_PROGRESS")
        return number

    def pays(self, requester: Person, booking: int) -> None:
        """The requester pays at the checkout, and the money is known."""
        intent = requester.does("POST", f"/bookings/{booking}/payment-intents", 201)
        self.gateway.pay(intent["checkout"]["order_id"])
        until("the payment", lambda: requester.now(booking)["payment_status"] == "paid")


def wish(listing: int, start: datetime, **given: Any) -> dict[str, Any]:
    """The body of a request for two hours."""
    return {"listing_id": listing, "scheduled_at": start.isoformat(), "duration_hours": 2, **given}


def soon(minutes: int = 20) -> datetime:
    """A start that work may begin at now."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)


async def _admin(url: str) -> None:
    passwords = Passwords("quick")
    hashed = await passwords.hash(PASSWORD)
    passwords.close()
    rows = await asyncpg.connect(url, server_settings={"search_path": "local, public"})
    await rows.execute(
        "INSERT INTO users (id, role_id, first_name, phone, email, password_hash) VALUES ('ADM900001',"
        " (SELECT id FROM roles WHERE name = 'admin'), 'Ada', $1, 'ada@example.com', $2) ON CONFLICT DO NOTHING",
        ADMIN_PHONE,
        hashed,
    )
    await rows.close()
