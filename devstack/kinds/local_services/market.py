"""The people of a running stack as the demo needs them: log in, join, read; and what lies outside the product."""

import secrets
from typing import Any

from devstack.demo.calls import Calls, Json, until
from devstack.demo.externals import Provider as Gateway
from devstack.demo.person import API, Person

ANY_HOUR = {
    "timezone": "Asia/Kolkata",
    "weekly": [{"weekday": day, "start": "00:00", "end": "24:00"} for day in range(1, 8)],
    "exceptions": [],
    "min_notice_hours": 0,
    "buffer_minutes": 0,
    "horizon_days": 60,
}
"""A schedule of a provider who works always: whoever watches the demo may do so at night."""


class Admin(Person):
    """Sees every booking, with names."""

    def booking(self, booking_id: int) -> Json:
        """The booking; its timeline has the moves alone, and says by name who made them."""
        shown: Json = self.get(f"/bookings/{booking_id}")
        names = {shown[party]["id"]: shown[party]["first_name"] for party in ("requester", "provider")}
        names[self.id] = self.name
        moves = [entry for entry in shown["timeline"] if "version" in entry]
        shown["timeline"] = [{**move, "by": {**move["by"], "name": names.get(move["by"]["id"])}} for move in moves]
        return shown

    def ledger(self, booking_id: int) -> list[Json]:
        """Every paisa in (positive) and out of a booking."""
        entries: list[Json] = self.get("/payment/ledger", booking_id=booking_id, limit=100)
        return entries

    def pays_out_to(self, person_id: str, account_id: str) -> None:
        self.put(f"/users/{person_id}/payout-account", {"account_id": account_id})


class Accounts:
    """Linked accounts at the payment provider, which somebody there reviews."""

    def __init__(self, base_url: str) -> None:
        self._calls = Calls(base_url)

    def close(self) -> None:
        self._calls.close()

    def opened(self, name: str) -> str:
        """One that is still under review."""
        made: Json = self._calls.json("POST", "/sandbox/accounts", json={"name": name, "activated": False})
        return str(made["id"])

    def activate(self, account_id: str) -> None:
        self._calls.json("PATCH", f"/sandbox/accounts/{account_id}", json={"activated": True})

    def transfers(self, booking_id: int) -> list[Json]:
        """What was passed on of a booking's money."""
        everything = self._calls.json("GET", "/sandbox/state")["transfers"]
        return [each for each in everything if str((each.get("notes") or {}).get("booking_id")) == str(booking_id)]


class Market:
    """Safe to share between threads, one booking each."""

    def __init__(self, info: Json) -> None:
        mine = info["kinds"]["local-services"]
        self.url: str = mine["api"]
        self._calls, self._phones = Calls(self.url), Calls(info["phone"]["api"])
        people = mine["people"]
        self.admin = Admin(self._calls, people["admin"])
        self.seekers = [Person(self._calls, card) for card in people["seekers"]]
        self.providers = [Person(self._calls, card) for card in people["providers"]]
        self.gateway, self.accounts = Gateway(info["razorpay"]["base_url"]), Accounts(info["razorpay"]["base_url"])

    def close(self) -> None:
        for each in (self._calls, self._phones, self.gateway, self.accounts):
            each.close()

    def listing(self, provider: Person, title: str) -> int:
        """The listing of that title."""
        rows = provider.get("/services/listings", provider_id=provider.id, limit=100)
        return int(next(row["id"] for row in rows if row["title"] == title))

    def joined(self, first_name: str, last_name: str) -> Person:
        """Somebody new: registered, with the code of the text message that came."""
        phone, password = f"9{secrets.randbelow(10**9):09}", secrets.token_urlsafe(12) + "aA1"
        who = {"first_name": first_name, "last_name": last_name, "role": "SERVICE_PROVIDER"}
        body = {"phone": phone, "password": password, **who}
        user = self._calls.json("POST", f"{API}/auth/register", json=body)["user"]
        person = Person(
            self._calls, {**user, "name": f"{first_name} {last_name}", "phone": phone, "password": password}
        )
        code = until("the text message with the code", lambda: self._code(phone))
        person.post("/auth/verify/confirm", {"channel": "sms", "code": code})
        return person

    def offers(self, provider: Person, category: str, **listing: Any) -> None:
        """A listing of that category."""
        rows = self._calls.json("GET", f"{API}/services/categories")
        number = next(row["id"] for row in rows if row["name"] == category)
        provider.post("/services/listings", {"category_id": number, **listing})

    def _code(self, phone: str) -> str | None:
        messages = self._phones.json("GET", "/sandbox/messages", params={"to": f"+91{phone}"})
        words = [word.strip(".,:;") for message in messages for word in message["text"].split()]
        return next((word for word in words if len(word) == 6 and word.isdigit()), None)
