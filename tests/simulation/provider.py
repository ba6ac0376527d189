"""The payment provider of a simulation: customers pay in every way, banks decide, staff act in its dashboard."""

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx

from devstack.demo.calls import Json, Refused, body_of
from devstack.kinds.vehicle_service.shop import Shop
from tests.simulation.record import Record

RUPEE = 100
_FAIL_IN_THE_END = 0.15
"""That share of all refunds fails when everything else is over, also of those that were made long ago."""


class SimulatedProvider:
    """The sandbox, as customers, banks and our own staff in the dashboard use it, and what it knows of our bookings."""

    def __init__(self, shop: Shop, record: Record) -> None:
        self._shop, self._record = shop, record
        keys = shop.info["razorpay"]
        self._http = httpx.Client(
            base_url=keys["base_url"], auth=(keys["key_id"], keys["key_secret"]), timeout=30, trust_env=False
        )
        self._orders: dict[int, set[str]] = defaultdict(set)
        self._done: dict[int, set[str]] = defaultdict(set)
        self._disputes: dict[int, str] = {}
        self._failed_in_the_end: set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, path: str, **content: Any) -> Any:
        """A call of the operator, or of staff in the dashboard: these are no subject of chaos as an operator's call."""
        return body_of(self._http.request(method, path, **content))

    def learn(self, now: Json) -> None:
        """Whose orders these are."""
        with self._lock:
            self._orders[now["id"]] |= {each["order_id"] for each in now["payments"] if each["order_id"]}

    @property
    def owners(self) -> dict[str, int]:
        """The booking of every order that was seen."""
        with self._lock:
            return {order: booking for booking, orders in self._orders.items() for order in orders}

    def state(self) -> Json:
        """All that the provider knows."""
        known: Json = self.call("GET", "/sandbox/state")
        return known

    def has_news(self, now: Json) -> bool:
        """Whether a bank has failed a refund in the end, and the booking does not know it yet."""
        failed = self._failed_in_the_end
        return any(each["refund_id"] in failed and each["status"] != "failed" for each in now["refunds"])

    def choices(self, now: Json, chance: random.Random, *, calm: bool) -> Iterator[tuple[float, str, Any]]:
        """What may happen at the provider to this booking."""
        number, wild = int(now["id"]), 0.0 if calm else 1.0
        if (checkout := now["checkout"]) is not None:
            order = checkout["order_id"]
            yield 5, f"pay {order}", lambda: self._pays(order, callback=chance.random() < 0.6)
            yield 1 * wild, f"fail to pay {order}", lambda: self._attempt(order, outcome="failed")
            yield 1 * wild, f"pay {order}, the bank takes its time", lambda: self._attempt(order, outcome="pending")
            yield 0.3 * wild, f"pay {order} twice", lambda: [self._attempt(order, force=True) for _ in range(2)]
        if calm:
            return
        for order in sorted(self._orders[number] - {checkout["order_id"] if checkout else ""}):
            yield 0.15, f"pay {order}, which is over", lambda each=order: self._attempt(each, force=True)
        for payment in now["payments"]:
            if payment["payment_id"] and payment["status"] == "success" and payment["method"] == "online":
                yield from self._of_payment(number, payment["payment_id"], chance)
        for refund in now["refunds"]:
            if refund["status"] != "failed" and (made := refund["refund_id"]):
                weight, what = (0.5, "on its way") if refund["status"] == "pending" else (0.2, "made")
                yield weight, f"the bank fails {made}, which was {what}", lambda each=made: self._bank_fails(each)

    def _of_payment(self, number: int, payment: str, chance: random.Random) -> Iterator[tuple[float, str, Any]]:
        """At most one dispute and one refund by hand of a booking: both are rare.

        A dispute is decided some time, or nothing would be over and the same few bookings be looked after for ever.
        """
        if (dispute := self._disputes.get(number)) is not None:
            status = chance.choice(("under_review", "won", "lost"))
            yield 0.4, f"the bank says of {dispute}: {status}", lambda: self._bank_says(number, dispute, status)
        if "dispute" not in self._done[number]:
            yield 0.25, f"dispute {payment}", lambda: self._once(number, "dispute", payment)
        if "by hand" not in self._done[number]:
            share = chance.choice((0.25, 1.0))
            what = f"refund {share:.0%} of {payment} by hand"
            yield 0.15, what, lambda: self._once(number, "by hand", payment, share)

    def _once(self, number: int, what: str, payment: str, share: float = 1.0) -> object:
        self._done[number].add(what)
        if what == "dispute":
            made = self.call("POST", "/sandbox/disputes", json={"payment_id": payment})
            self._disputes[number] = made["id"]
            return made
        amount = self.call("GET", f"/v1/payments/{payment}")["amount"]
        body = {"amount": max(RUPEE, int(amount * share))}
        return self.call("POST", f"/v1/payments/{payment}/refund", json=body)

    def _pays(self, order: str, *, callback: bool) -> object:
        paid = self._attempt(order)
        return self._shop.customers[0].bring_callback(paid) if callback else paid

    def _attempt(self, order: str, **wish: Any) -> Json:
        paid: Json = self.call("POST", f"/sandbox/orders/{order}/pay", json=wish)
        return paid

    def _bank_says(self, number: int, dispute: str, status: str) -> object:
        if status != "under_review":
            self._disputes.pop(number, None)
        return self.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": status})

    def _bank_fails(self, refund: str) -> object:
        return self.call("POST", f"/sandbox/refunds/{refund}/settle", json={"status": "failed"})

    def misbehaves(self, rules: Json) -> None:
        """These rules instead of all others."""
        self.call("PUT", "/sandbox/chaos", json=rules)

    def calms_down(self, chance: random.Random) -> None:
        """Good behaviour, and a final word on everything that waits for a bank."""
        self.call("DELETE", "/sandbox/chaos")
        state, owners = self.state(), self.owners
        ours = {each["id"]: each for each in state["payments"] if each["order_id"] in owners}
        for payment in ours.values():
            if payment["status"] == "created":
                path = chance.choice(("late-authorise", "fail"))
                self._quietly("POST", f"/sandbox/payments/{payment['id']}/{path}", json={})
        for refund in state["refunds"]:
            fails = chance.random() < _FAIL_IN_THE_END
            if refund["payment_id"] in ours and (refund["status"] == "pending" or fails):
                status = "failed" if fails else "processed"
                self._record.note("bank", f"refund {refund['id']}, which was {refund['status']}, is {status}")
                path = f"/sandbox/refunds/{refund['id']}/settle"
                if self._quietly("POST", path, json={"status": status}) and fails:
                    self._failed_in_the_end.add(refund["id"])
        for dispute in state["disputes"]:
            if dispute["payment_id"] in ours and dispute["status"] not in ("won", "lost", "closed"):
                status = chance.choice(("won", "lost"))
                self._record.note("bank", f"dispute {dispute['id']} of {dispute['payment_id']} is {status}")
                self._quietly("POST", f"/sandbox/disputes/{dispute['id']}/transition", json={"status": status})

    def _quietly(self, method: str, path: str, **content: Any) -> bool:
        """Whether it was granted."""
        try:
            self.call(method, path, **content)
        except Refused as no:
            self._record.note("bank", f"{path}: refused, {no}")
            return False
        return True
