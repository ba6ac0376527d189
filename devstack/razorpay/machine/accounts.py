"""Linked accounts: who takes money of ours through Route, once the provider has looked at them."""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.store import Doc

ACTIVATED = "activated"


def create(box: Sandbox, name: str, *, activated: bool) -> Doc:
    """One whose onboarding is over, or still under review."""
    now = int(box.clock.now())
    account: dict[str, Any] = {
        "id": box.ids.make("acc"),
        "type": "route",
        "status": "created",
        "email": "linked@example.com",
        "phone": "9000090000",
        "contact_name": name,
        "legal_business_name": name,
        "business_type": "individual",
        "profile": {"category": "services", "subcategory": "other"},
        "notes": {},
        "created_at": now,
        "_product": {
            "id": box.ids.make("acc_prd"),
            "product_name": "route",
            "activation_status": ACTIVATED if activated else "under_review",
            "account_id": "",
            "requirements": [],
            "requested_at": now,
        },
    }
    account["_product"]["account_id"] = account["id"]
    return box.store.put("account", account["id"], account)


def status(account: Doc) -> str:
    """How far the provider is with it: under_review, needs_clarification or activated."""
    return str(account["_product"]["activation_status"])


def product(account: Doc) -> Doc:
    """Its configuration for Route, as the API shows it."""
    return dict(account["_product"])


def move(box: Sandbox, account: Doc, state: str) -> None:
    """The provider has looked again; the shop hears of it."""
    account["_product"] = {**account["_product"], "activation_status": state}
    box.store.put("account", account["id"], account)
    told = {"id": account["_product"]["id"], "merchant_id": account["id"], "activation_status": state}
    box.announce(f"product.route.{state}", merchant_product=told)
