"""Payment links: an order behind an address, the only thing at this provider that can expire or be cancelled."""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused
from devstack.razorpay.machine import orders
from devstack.razorpay.signing import sign
from devstack.razorpay.store import Doc


def create(box: Sandbox, base_url: str, fields: Doc) -> Doc:
    """A link and its hidden order (captured automatically, like the real one's)."""
    now = int(box.clock.now())
    notes = fields.get("notes") or {}
    receipt = fields.get("reference_id") or None
    order = orders.create(
        box, amount=fields["amount"], currency=fields["currency"], receipt=receipt, notes={}, capture="automatic"
    )
    key = box.ids.make("plink")
    link: dict[str, Any] = {
        "accept_partial": False,
        "amount": fields["amount"],
        "amount_paid": 0,
        "callback_method": fields.get("callback_method") or "",
        "callback_url": fields.get("callback_url") or "",
        "cancelled_at": 0,
        "created_at": now,
        "currency": fields["currency"],
        "customer": fields.get("customer") or {},
        "description": fields.get("description") or "",
        "expire_by": fields.get("expire_by") or 0,
        "expired_at": 0,
        "first_min_partial_amount": 0,
        "id": key,
        "notes": notes,
        "notify": fields.get("notify") or {"email": False, "sms": False},
        "order_id": order["id"],
        "payments": [],
        "reference_id": fields.get("reference_id") or "",
        "reminder_enable": False,
        "reminders": [],
        "short_url": f"{base_url}/l/{key}",
        "status": "created",
        "updated_at": now,
        "upi_link": bool(fields.get("upi_link")),
        "user_id": "",
    }
    if link["expire_by"]:
        box.agenda.add("expire_link", float(link["expire_by"]), link=key)
    return box.store.put("link", key, link)


def ensure_open(box: Sandbox, order: Doc) -> None:
    """An order behind a link can be paid only while the link is open."""
    for link in box.store.by("link", "order_id", order["id"]):
        if link["status"] in {"cancelled", "expired"}:
            raise refused(f"This payment link has been {link['status']}")


def paid(box: Sandbox, order: Doc, payment: Doc) -> None:
    """The order behind a link was paid."""
    for link in box.store.by("link", "order_id", order["id"]):
        seen = {key: payment[key] for key in ("amount", "created_at", "method", "status")}
        link["payments"].append({**seen, "payment_id": payment["id"]})
        link.update(status="paid", amount_paid=order["amount_paid"], updated_at=int(box.clock.now()))
        box.store.put("link", link["id"], link)
        box.announce("payment_link.paid", payment_link=link, order=order, payment=payment)


def callback_fields(box: Sandbox, link: Doc, payment: Doc) -> dict[str, str]:
    """What the browser carries back to the shop; the names differ from those that the SDK's helper wants."""
    told = (link["id"], link["reference_id"], link["status"], payment["id"])
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_payment_link_id": link["id"],
        "razorpay_payment_link_reference_id": link["reference_id"],
        "razorpay_payment_link_status": link["status"],
        "razorpay_signature": sign(box.config.key_secret, "|".join(told).encode()),
    }


def close(box: Sandbox, link: Doc, status: str) -> Doc:
    """Cancelled by the shop or expired by the clock."""
    if link["status"] != "created":
        raise refused(f"A payment link that is {link['status']} cannot be {status}")
    now = int(box.clock.now())
    link.update({"status": status, f"{status}_at": now, "updated_at": now})
    box.store.put("link", link["id"], link)
    box.announce(f"payment_link.{status}", payment_link=link)
    return link
