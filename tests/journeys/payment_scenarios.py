"""Bookings at the moment money moves, and the provider's failures, for tests that run side by side."""

import hashlib
import hmac
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import httpx

from devstack.demo.calls import until
from devstack.demo.externals import kind_of
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import WASH
from devstack.kinds.vehicle_service.shop import Shop

Json = dict[str, Any]
TIMEOUT = 180.0


class Provider:
    """The sandbox as its operator sees it. Rules are added to those in force, so that tests do not undo each other."""

    def __init__(self, shop: Shop) -> None:
        keys = shop.info["razorpay"]
        self.keys = keys
        self._http = httpx.Client(
            base_url=keys["base_url"], auth=(keys["key_id"], keys["key_secret"]), timeout=30, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, path: str, **content: Any) -> Any:
        answer = self._http.request(method, path, **content)
        answer.raise_for_status()
        return answer.json()

    def misbehaves(self, *rules: Json, side: str = "api") -> None:
        self.call("POST", "/sandbox/chaos", json={side: rules})

    def behaves(self) -> None:
        self.call("DELETE", "/sandbox/chaos")

    def pays(self, order_id: str, **wish: Any) -> Json:
        return self.call("POST", f"/sandbox/orders/{order_id}/pay", json=wish)

    def pending(self, order_id: str) -> str:
        """A payment for which the bank takes its time: its id is known before anybody can capture it."""
        return self.pays(order_id, outcome="pending")["payment"]["id"]

    def authorises(self, payment_id: str, *, capture: bool | None = None) -> None:
        self.call("POST", f"/sandbox/payments/{payment_id}/late-authorise", json={"capture": capture})

    def settles(self, refund_id: str, status: str) -> None:
        self.call("POST", f"/sandbox/refunds/{refund_id}/settle", json={"status": status})

    def refunds_of(self, payment_id: str) -> list[Json]:
        return [row for row in self.call("GET", "/sandbox/state")["refunds"] if row["payment_id"] == payment_id]

    def payments_of(self, order_id: str) -> list[Json]:
        return [row for row in self.call("GET", "/sandbox/state")["payments"] if row["order_id"] == order_id]

    def events_of(self, payment_id: str, name: str) -> list[Json]:
        events = self.call("GET", "/sandbox/events", params={"event": name})
        return [event for event in events if payment_id in event["body"]]

    def asked(self, method: str, path: str) -> list[Json]:
        """The calls that were made to it."""
        return [row for row in self.call("GET", "/sandbox/requests") if (row["method"], row["path"]) == (method, path)]

    def replays(self, event: Json, times: int = 1, *, new_id: bool = False) -> None:
        self.call("POST", f"/sandbox/events/{event['id']}/replay", json={"times": times, "new_id": new_id})


class Visit(Journey):
    """A journey of a test that looks at its money."""

    def __init__(self, shop: Shop, provider: Provider) -> None:
        super().__init__("money", shop, timeout=TIMEOUT)
        self.provider = provider

    def ordered(self) -> str:
        """Up to the order that the customer has to pay; answers its id."""
        self.book(WASH)
        self.fetch_the_car()
        self.analyse()
        order: str = self.choose("online")["checkout"]["order_id"]
        return order

    def paid(self) -> str:
        """Paid online and seen; answers the payment's id."""
        payment: str = self.provider.pays(self.ordered())["payment"]["id"]
        self.is_confirmed()
        return payment

    def ended_unpaid(self) -> str:
        """Cancelled with an order that nobody has paid, brought back and closed; answers the order's id."""
        order = self.ordered()
        self.cancel("changed my mind")
        self.bring_back()
        self.end()
        return order

    def is_confirmed(self) -> Json:
        return self.wait_for("the payment to be seen", lambda now: now["status"] == "in-progress" and now["invoice"])

    def refunds_are(self, *statuses: str) -> list[Json]:
        now = self.wait_for(
            f"refunds {statuses}", lambda now: [refund["status"] for refund in now["refunds"]] == list(statuses)
        )
        return list(now["refunds"])

    def asks_for_the_admin(self) -> Json:
        """Wait until the dashboard says so; answers the booking."""
        until("the dashboard to call an admin", lambda: self.action_required() == "attention", TIMEOUT)
        return self.now()

    def action_required(self) -> str:
        theirs = {"customer_id": self.customer.id, "limit": 100}
        for skip in range(0, 1000, 100):
            page = self.shop.admin.get("/bookings/admin/dashboard", offset=skip, **theirs)["bookings"]
            for row in page:
                if row["id"] == self.id:
                    return str(row["action_required"])
            if len(page) < 100:
                break
        raise AssertionError("the booking is not on the dashboard")

    def mails(self) -> Counter[str]:
        """What the customer got, by kind."""
        return Counter(kind_of(mail) for mail in self.shop.mailbox.of(self.booking, self.customer.email))

    def gets(self, kind: str, times: int = 1) -> None:
        """Wait for a mail, and see that it did not come more often."""
        until(f"the mail {kind}", lambda: self.mails()[kind] >= times, TIMEOUT)
        assert self.mails()[kind] == times

    def counts_once(self, payment_id: str) -> None:
        """One capture, one invoice, one mail of each kind; the provider and we agree."""
        now = self.now()
        assert [row["payment_id"] for row in now["payments"] if row["status"] == "success"] == [payment_id]
        assert now["totals"]["paid"] == now["totals"]["total"]
        assert [entry["action"] for entry in now["timeline"]].count("pay") == 1
        assert [entry["action"] for entry in now["timeline"]].count("issue-invoice") == 1
        self.gets("payment-received")
        self.gets("invoice")
        assert now["refunds"] == []
        assert [row["id"] for row in self.provider.payments_of(now["payment"]["order_id"]) if row["captured"]] == [
            payment_id
        ]


class Messenger:
    """Webhooks by hand, signed as the provider signs them."""

    def __init__(self, shop: Shop) -> None:
        self._secret = shop.info["razorpay"]["webhook_secret"]
        self._http = httpx.Client(base_url=shop.info["api"], timeout=30, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def says(self, body: bytes, *, secret: str | None = None) -> int:
        """Deliver this body; answers the status."""
        signature = hmac.new((secret or self._secret).encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Razorpay-Signature": signature,
            "X-Razorpay-Event-Id": uuid.uuid4().hex[:14],
            "Content-Type": "application/json",
        }
        return self._http.post("/api/v1/payment/webhook", content=body, headers=headers).status_code


Scenario = Callable[[Visit], None]
_CONCURRENT: dict[str, dict[str, Scenario]] = {}


def concurrent_scenario(scenario: Scenario) -> Callable[..., None]:
    """A scenario that runs beside the others of its module; its test waits for it."""
    _CONCURRENT.setdefault(scenario.__module__, {})[scenario.__name__] = scenario

    def test(running_scenarios: dict[str, "Future[None]"]) -> None:
        running_scenarios[scenario.__name__].result()

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    return test


def scenarios_of(module: str) -> dict[str, Scenario]:
    """The scenarios of one test module that run side by side."""
    return _CONCURRENT.get(module, {})
