"""Where events go: the configured addresses and those that were made by the API."""

from typing import Any

from devstack.razorpay.clock import Clock
from devstack.razorpay.config import Config
from devstack.razorpay.ids import Ids
from devstack.razorpay.store import Doc, Store

EVENTS = (
    "payment.authorized", "payment.captured", "payment.failed", "order.paid", "refund.created", "refund.processed",
    "refund.failed", "refund.speed_changed", "payment.dispute.created", "payment.dispute.under_review",
    "payment.dispute.action_required", "payment.dispute.won", "payment.dispute.lost", "payment.dispute.closed",
    "payment_link.paid", "payment_link.cancelled", "payment_link.expired", "transfer.processed", "transfer.failed",
    "settlement.processed", "product.route.activated", "product.route.needs_clarification",
)  # fmt: skip


def describe(url: str, ids: Ids, account_id: str, now: int, **more: Any) -> Doc:
    """A webhook as the API shows it; what starts with an underscore stays here."""
    return {
        "id": ids.bare(),
        "created_at": now,
        "updated_at": now,
        "service": "api-test",
        "owner_id": account_id.removeprefix("acc_"),
        "owner_type": "merchant",
        "context": [],
        "disabled_at": 0,
        "url": url,
        "alert_email": "owner@example.com",
        "secret_exists": True,
        "entity": "webhook",
        "active": True,
        "events": list(EVENTS),
        **more,
    }


class Endpoints:
    """Numbered in the order in which they came; the configured ones come first and keep their numbers."""

    def __init__(self, config: Config, store: Store, clock: Clock, ids: Ids) -> None:
        self._config, self._store, self._clock, self._ids = config, store, clock, ids
        self.install()

    def install(self) -> None:
        """Follow the configuration: a changed address starts afresh, one that stayed keeps its state."""
        configured = self._config.webhook_urls
        for number, url in enumerate(configured):
            known = self.get(str(number))
            if known is None or known["url"] != url:
                self._put(number, url, _configured=True)
        for endpoint in self.all():
            if endpoint.get("_configured") and endpoint["_number"] >= len(configured):
                self._store.put("endpoint", str(endpoint["_number"]), {**endpoint, "active": False})

    def all(self) -> list[Doc]:
        """Every endpoint, by number."""
        return sorted(self._store.all("endpoint"), key=lambda endpoint: int(endpoint["_number"]))

    def get(self, given: str) -> Doc | None:
        """An endpoint by its number or its id."""
        return self._store.get("endpoint", given) or next((one for one in self.all() if one["id"] == given), None)

    def create(self, url: str, secret: str | None, events: list[str], **more: Any) -> Doc:
        """One more address, with a secret and a selection of its own."""
        number = max((endpoint["_number"] for endpoint in self.all()), default=-1) + 1
        return self._put(number, url, _secret=secret, secret_exists=bool(secret), events=events, **more)

    def switch(self, endpoint: Doc, *, on: bool) -> None:
        """What a human does after the mail "your webhook was disabled", or what brings that mail about."""
        endpoint["active"] = on
        endpoint["disabled_at"] = 0 if on else int(self._clock.now())
        self._store.put("endpoint", str(endpoint["_number"]), endpoint)

    def _put(self, number: int, url: str, **more: Any) -> Doc:
        made = describe(url, self._ids, self._config.account_id, int(self._clock.now()), _number=number, **more)
        return self._store.put("endpoint", str(number), made)
