"""What lies outside the product: the payment provider (the sandbox plays it) and the customers' mailbox."""

from typing import Any

from devstack.demo.calls import Calls, Json


class Provider:
    """The sandbox's operator calls, and what it knows of a booking's money."""

    def __init__(self, base_url: str) -> None:
        self._calls = Calls(base_url)

    def close(self) -> None:
        self._calls.close()

    def pay(self, order_id: str, **wish: Any) -> Json:
        """The customer pays at the checkout; answers the fields that the browser brings back."""
        paid: Json = self._calls.json("POST", f"/sandbox/orders/{order_id}/pay", json=wish)
        return paid

    def misbehave(self, **rules: list[Json]) -> None:
        """Replace the chaos rules: `webhooks=[...]`, `api=[...]`."""
        self._calls.json("PUT", "/sandbox/chaos", json=rules)

    def behave(self) -> None:
        self._calls.json("DELETE", "/sandbox/chaos")

    def events(self) -> list[Json]:
        """Every webhook, also one that was dropped."""
        seen: list[Json] = self._calls.json("GET", "/sandbox/events")
        return seen

    def captured(self, booking: Json) -> list[Json]:
        """The payments that the provider captured for the orders of this booking."""
        orders = {payment["order_id"] for payment in booking["payments"] if payment["order_id"]}
        payments = self._calls.json("GET", "/sandbox/state")["payments"]
        return [payment for payment in payments if payment["captured"] and payment["order_id"] in orders]

    def refunds(self, booking: Json) -> list[Json]:
        """What the provider sent back of them."""
        payments = {payment["id"] for payment in self.captured(booking)}
        refunds = self._calls.json("GET", "/sandbox/state")["refunds"]
        return [refund for refund in refunds if refund["payment_id"] in payments]


class Mailbox:
    """The mail sink."""

    def __init__(self, base_url: str) -> None:
        self._calls = Calls(base_url)

    def close(self) -> None:
        self._calls.close()

    def all(self) -> list[Json]:
        """Every mail that anybody got, oldest first."""
        mails: list[Json] = self._calls.json("GET", "/messages")
        return mails

    def of(self, booking: Json, to: str) -> list[Json]:
        """The mails about this booking that reached this address, oldest first."""
        mails = self._calls.json("GET", "/messages", params={"to": to})
        return [mail for mail in mails if mail["headers"].get("X-RevCare-Booking") == str(booking["id"])]


def kind_of(mail: Json) -> str:
    """Which notice it is."""
    slug: str = mail["headers"]["X-RevCare-Notice"]
    return slug


def message_id(mail: Json) -> str:
    identity: str = mail["headers"]["Message-ID"]
    return identity
