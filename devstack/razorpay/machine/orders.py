"""Orders: ``created -> attempted -> paid``. Paid is final, a refund does not undo it, and nothing expires."""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.store import Doc


def create(
    box: Sandbox,
    *,
    amount: int,
    currency: str,
    receipt: str | None,
    notes: Doc,
    capture: str = "manual",
    options: Doc | None = None,
) -> Doc:
    """A new order; ``capture`` says what becomes of a payment that was authorised for it."""
    order: dict[str, Any] = {
        "id": box.ids.make("order"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": currency,
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": notes,
        "created_at": int(box.clock.now()),
        "_capture": capture,
        "_options": options or {},
    }
    return save(box, order)


def save(box: Sandbox, order: Doc) -> Doc:
    """Keep what changed."""
    return box.store.put("order", order["id"], order)


def attempted(box: Sandbox, order: Doc) -> None:
    """One more try to pay it."""
    order["attempts"] += 1
    if order["status"] == "created":
        order["status"] = "attempted"
    save(box, order)


def credit(box: Sandbox, order: Doc, amount: int) -> bool:
    """Captured money arrives; true if this is what made the order paid."""
    was_paid = order["status"] == "paid"
    order["amount_paid"] += amount
    order["amount_due"] = max(0, order["amount"] - order["amount_paid"])
    if order["amount_due"] == 0:
        order["status"] = "paid"
    save(box, order)
    return order["status"] == "paid" and not was_paid


def expiry(order: Doc) -> int:
    """Minutes after which an authorised payment of this order goes back by itself (three days unless it says so)."""
    options = order["_options"]
    return int(options.get("manual_expiry_period") or options.get("automatic_expiry_period") or 3 * 24 * 60)
