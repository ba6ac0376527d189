"""``expand[]``: an order with its payments, a payment with its card, its order or its refunds."""

from fastapi import Request

from devstack.razorpay.box import Sandbox
from devstack.razorpay.rest.reading import wished
from devstack.razorpay.store import Doc, public

CARD: Doc = {
    "entity": "card",
    "name": "Sandbox",
    "last4": "1007",
    "network": "Visa",
    "type": "credit",
    "issuer": "HDFC",
    "international": False,
    "emi": False,
    "sub_type": "consumer",
}


def expanded_order(request: Request, box: Sandbox, order: Doc) -> Doc:
    """``payments`` adds every attempt; ``payments.card`` with the card in each."""
    words = wished(request)
    if not words & {"payments", "payments.card"}:
        return public(order)
    inner = {word.removeprefix("payments.") for word in words}
    attempts = [_payment(box, payment, inner) for payment in box.store.by("payment", "order_id", order["id"])]
    return {**public(order), "payments": _collected(attempts)}


def expanded_payment(request: Request, box: Sandbox, payment: Doc) -> Doc:
    """``card``, ``order`` and ``refunds``; other values are ignored."""
    return _payment(box, payment, wished(request))


def _payment(box: Sandbox, payment: Doc, words: set[str]) -> Doc:
    shown = public(payment)
    if "card" in words and payment["card_id"]:
        shown["card"] = {"id": payment["card_id"], **CARD}
    if "order" in words and (order := box.store.get("order", payment["order_id"])):
        shown["order"] = public(order)
    if "refunds" in words:
        shown["refunds"] = _collected([public(one) for one in box.store.by("refund", "payment_id", payment["id"])])
    return shown


def _collected(items: list[Doc]) -> Doc:
    return {"entity": "collection", "count": len(items), "items": items}
