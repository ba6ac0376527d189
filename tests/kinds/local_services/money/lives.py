"""Lives of bookings as steps: each act of a person, or what is waited for after it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from devstack.demo.calls import until
from tests.kinds.local_services.market import Person, soon
from tests.kinds.local_services.money.patience import PatientMarket

LONGEST = 120.0
"""Seconds in which something happens while processes are killed."""
Step = tuple[str, Callable[[], object]]


class Life:
    """One booking of a provider whose account takes money, and of somebody who wants a service."""

    def __init__(self, market: PatientMarket, *, in_minutes: int = 20) -> None:
        self.market = market
        self.provider, self.seeker = market.provider(), market.seeker()
        self.account = market.account(self.provider)
        self.listing = market.listing(self.provider)
        self.start = soon(in_minutes)
        self.id, self.codes_wanted = 0, 0

    @property
    def path(self) -> str:
        return f"/bookings/{self.id}"

    def now(self, who: Person | None = None) -> dict[str, Any]:
        """As admins see it."""
        return (who or self.market.admin).now(self.id)

    def requested(self) -> None:
        self.id = int(self.seeker.requests(self.listing, self.start)["id"])

    def countered(self) -> None:
        offer = {"total_price": "1351.37", "scheduled_at": (self.start + timedelta(minutes=10)).isoformat()}
        self.provider.does("POST", f"{self.path}/offers", 201, json=offer)

    def offer_accepted(self) -> None:
        self.seeker.does("POST", f"{self.path}/offers/2/accept")

    def accepted(self) -> None:
        self.provider.moves(self.id, "ACCEPTED")

    def order(self) -> str:
        """Of the checkout."""
        intent = self.seeker.does("POST", f"{self.path}/payment-intents", 201)
        return str(intent["checkout"]["order_id"])

    def paid(self) -> None:
        """The bank says yes; what becomes of it is not waited for."""
        self.market.gateway.pay(self.order())

    def transfers(self) -> list[dict[str, Any]]:
        """Of the provider's share, whatever became of them; not what somebody else has passed on by hand."""
        made = [each for each in self.market.state()["transfers"] if isinstance(each["notes"], dict)]
        return [each for each in made if each["notes"].get("booking_id") == str(self.id)]

    def payout(self, state: str) -> dict[str, Any]:
        """The provider's share, once it is in that state."""

        def there() -> dict[str, Any] | None:
            payout: dict[str, Any] | None = self.now()["payout"]
            return payout if payout is not None and payout["state"] == state else None

        found: dict[str, Any] = until(f"the payout of booking {self.id} to be {state}", there, LONGEST)
        return found

    def held(self) -> None:
        self.payout("held")

    def released(self) -> None:
        self.payout("released")

    def begun(self) -> None:
        until("the payment", lambda: self.now()["payment_status"] == "paid", LONGEST)
        self.provider.moves(self.id, "IN_PROGRESS")

    def completed(self) -> None:
        self.provider.moves(self.id, "COMPLETED")

    def confirmed(self) -> None:
        self.seeker.moves(self.id, "COMPLETED")

    def cancelled(self) -> None:
        self.seeker.moves(self.id, "CANCELLED", reason="ill")

    def disputed(self) -> None:
        body = {"reason": "bad-work", "description": "the kitchen was not cleaned"}
        self.seeker.does("POST", f"{self.path}/dispute", 201, json=body)

    def decided(self, outcome: str = "refund_part", amount: str | None = "450.13") -> None:
        body = {"outcome": outcome, "refund_amount": amount, "against": "provider", "note": "as the pictures show"}
        self.market.admin.does("POST", f"{self.path}/dispute/decision", json=body)

    def refunded(self, count: int = 1) -> None:
        """So many refunds have arrived."""

        def arrived() -> bool:
            done = [each for each in self.now()["refunds"] if each["status"] == "processed"]
            return len(done) >= count

        until(f"a refund of booking {self.id}", arrived, LONGEST)

    def wants_a_code(self) -> None:
        """A text message for the seeker's telephone. Whose first wish found no answer is told to wait, and waits."""
        phone = str(self.seeker.user["phone"])[-10:]
        self.codes_wanted += 1
        answer = self.market.http.post("/auth/password/reset/request", json={"phone": phone})
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            self.codes_wanted += 1
            answer = self.market.http.post("/auth/password/reset/request", json={"phone": phone})
        assert answer.status_code == 202, answer.text

    def codes(self) -> list[dict[str, Any]]:
        """The text messages to the seeker's telephone."""
        sandbox = f"{self.market.info['phone']['api']}/sandbox/messages"
        found: list[dict[str, Any]] = httpx.get(
            sandbox, params={"to": self.seeker.user["phone"]}, trust_env=False
        ).json()
        return found

    def steps_to_confirmation(self) -> list[Step]:
        """Requested, negotiated, paid, done, confirmed; the share released."""
        acts = (self.requested, self.countered, self.offer_accepted, self.paid, self.held, self.begun, self.completed)
        return [(act.__name__, act) for act in (*acts, self.confirmed, self.wants_a_code, self.released)]

    def steps_to_cancellation(self) -> list[Step]:
        """Paid, and called off by the requester, who loses a part of it."""
        acts = (self.requested, self.accepted, self.wants_a_code, self.paid, self.held, self.cancelled, self.refunded)
        return [(act.__name__, act) for act in (*acts, self.payout_of_the_fee)]

    def payout_of_the_fee(self) -> None:
        until("the provider's share", lambda: self.now()["payout"]["state"] in ("partly_reversed", "released"), LONGEST)

    def steps_to_decision(self) -> list[Step]:
        """Paid and begun; the requester is not content and gets a part back."""
        acts = (self.requested, self.accepted, self.paid, self.held, self.begun, self.disputed, self.decided)
        return [(act.__name__, act) for act in (*acts, self.refunded, self.completed, self.payout_of_the_fee)]
