"""Payments: ``created -> authorized -> captured -> refunded``, ``created -> failed`` - and back from failed.

A failed payment may still become authorised with the same id: the bank is asked for three days. An authorised one
that nobody captures goes back by itself.
"""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import ALREADY_CAPTURED, ORDER_PAID, refused
from devstack.razorpay.machine import links, orders, settlements
from devstack.razorpay.store import Doc

NO_ANSWER_FROM_BANK = 600.0
_INSTRUMENTS: dict[str, Doc] = {
    "card": {"card_id": "card_SandboxCard001", "acquirer_data": {"auth_code": "472379"}},
    "netbanking": {"bank": "HDFC", "acquirer_data": {"bank_transaction_id": "0125836177"}},
    "wallet": {"wallet": "freecharge", "acquirer_data": {"transaction_id": None}},
    "upi": {"vpa": "success@razorpay", "acquirer_data": {"rrn": "412345678901"}},
}
_FAILURE = {
    "error_code": "BAD_REQUEST_ERROR",
    "error_description": "Your payment has been declined as the bank did not approve it. Try another method.",
    "error_source": "bank",
    "error_step": "payment_authorization",
    "error_reason": "payment_failed",
}
_NO_FAILURE: Doc = dict.fromkeys(_FAILURE)


def begin(box: Sandbox, order: Doc, *, amount: int, currency: str, method: str, notes: Doc) -> Doc:
    """An attempt: the customer has sent the form and the bank is being asked."""
    orders.attempted(box, order)
    payment: dict[str, Any] = {
        "id": box.ids.make("pay"),
        "entity": "payment",
        "amount": amount,
        "currency": currency,
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": f"₹{amount / 100:.2f} for order/{order['receipt'] or order['id']}",
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        "email": "customer@example.com",
        "contact": "+919841385379",
        "notes": notes,
        "fee": None,
        "tax": None,
        **_NO_FAILURE,
        "acquirer_data": {},
        "created_at": int(box.clock.now()),
        **_INSTRUMENTS.get(method, {}),
    }
    if method == "upi":
        payment["upi"] = {"payer_account_type": "bank_account", "vpa": payment["vpa"], "flow": "collect"}
    return save(box, payment)


def save(box: Sandbox, payment: Doc) -> Doc:
    """Keep what changed."""
    return box.store.put("payment", payment["id"], payment)


def order_of(box: Sandbox, payment: Doc) -> Doc:
    """The order that a payment is for."""
    return box.find("order", "order", payment["order_id"])


def ensure_payable(box: Sandbox, order: Doc) -> None:
    """One payment for one order: refused once it is paid or another payment is authorised."""
    held = any(payment["status"] == "authorized" for payment in box.store.by("payment", "order_id", order["id"]))
    if order["status"] == "paid" or held:
        raise refused(ORDER_PAID)
    links.ensure_open(box, order)


def wait_for_bank(box: Sandbox, payment: Doc) -> None:
    """Pending: without an answer it fails after ten minutes."""
    box.agenda.add("give_up", box.clock.now() + NO_ANSWER_FROM_BANK, payment=payment["id"])


def authorise(box: Sandbox, payment: Doc, *, capture: bool | None) -> None:
    """The bank said yes. ``capture``: now, not now, or (none) as the order says."""
    order = order_of(box, payment)
    payment.update(_NO_FAILURE, status="authorized")
    save(box, payment)
    box.announce("payment.authorized", payment=payment)
    if capture is None:
        capture = order["_capture"] == "automatic"
    if capture:
        take(box, payment)
    else:
        box.agenda.add("lapse", box.clock.now() + orders.expiry(order) * 60, payment=payment["id"])


def authorise_late(box: Sandbox, payment: Doc, *, capture: bool | None) -> None:
    """The bank said yes after all; if the order is settled by then, the money goes straight back."""
    if payment["status"] not in {"created", "failed"}:
        raise refused("Only a payment that is created or failed can be authorised")
    others = box.store.by("payment", "order_id", payment["order_id"])
    settled = any(other["status"] in {"authorized", "captured"} for other in others if other is not payment)
    authorise(box, payment, capture=False if settled else capture)
    if settled:
        send_back(box, payment)


def capture(box: Sandbox, payment: Doc, *, amount: int, currency: str) -> None:
    """The shop takes the money: all of what was authorised, once."""
    if payment["captured"]:
        raise refused(ALREADY_CAPTURED)
    if payment["status"] != "authorized":
        raise refused("Only payments which have been authorized and not yet captured can be captured")
    if amount != payment["amount"]:
        raise refused("Capture amount must be equal to the amount authorized", "amount")
    if currency != payment["currency"]:
        raise refused("Capture currency must be equal to the currency authorized", "currency")
    if order_of(box, payment)["status"] == "paid":
        raise refused(ORDER_PAID)
    take(box, payment)


def take(box: Sandbox, payment: Doc) -> None:
    """Money changes hands: 2 % fee and the tax on it, the order is credited, the shop hears of both."""
    tax = round(payment["amount"] * 2 / 100 * 18 / 100)
    fee = round(payment["amount"] * 2 / 100) + tax
    payment.update(status="captured", captured=True, fee=fee, tax=tax)
    save(box, payment)
    settlements.note_capture(box, payment)
    box.announce("payment.captured", payment=payment)
    order = order_of(box, payment)
    if orders.credit(box, order, payment["amount"]):
        box.announce("order.paid", payment=payment, order=order)
        links.paid(box, order, payment)


def fail(box: Sandbox, payment: Doc) -> None:
    """The bank said no - for now."""
    if payment["status"] != "created":
        raise refused("Only a payment that is created can fail")
    payment.update(_FAILURE, status="failed")
    save(box, payment)
    box.announce("payment.failed", payment=payment)


def send_back(box: Sandbox, payment: Doc) -> None:
    """The provider's own refund of money that nobody captured: no refund entity, no event, no fee."""
    if payment["status"] != "authorized":
        raise refused("Only an authorised payment goes back by itself")
    payment.update(status="refunded", amount_refunded=payment["amount"], refund_status="full")
    save(box, payment)


def failure_fields(payment: Doc) -> Doc:
    """What checkout answers the browser about a failed attempt."""
    error = {key.removeprefix("error_"): payment[key] for key in _FAILURE}
    return {**error, "metadata": {"payment_id": payment["id"], "order_id": payment["order_id"]}}
