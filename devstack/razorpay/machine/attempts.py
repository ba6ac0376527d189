"""One attempt to pay, from the customer's side: what checkout and the operator's ``pay`` have in common."""

from dataclasses import dataclass, field

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused
from devstack.razorpay.machine import payments
from devstack.razorpay.signing import sign_payment
from devstack.razorpay.store import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the attempt shall go; an absent amount or currency is the order's."""

    outcome: str = "success"
    capture: bool | None = None
    amount: int | None = None
    currency: str | None = None
    method: str = "upi"
    notes: Doc = field(default_factory=dict)
    force: bool = False
    delay: float = 0.0


def pay(box: Sandbox, order: Doc, wish: Wish) -> Doc:
    """Try to pay the order; ``force`` is the second tab that was opened before the first one had paid."""
    if wish.outcome not in {"success", "failed", "pending"}:
        raise refused("outcome is success, failed or pending", "outcome")
    if not wish.force:
        payments.ensure_payable(box, order)
    payment = payments.begin(
        box,
        order,
        amount=order["amount"] if wish.amount is None else wish.amount,
        currency=wish.currency or order["currency"],
        method=wish.method,
        notes=wish.notes,
    )
    if wish.outcome == "pending":
        payments.wait_for_bank(box, payment)
    elif wish.delay:
        due = box.clock.now() + wish.delay
        box.agenda.add("outcome", due, payment=payment["id"], outcome=wish.outcome, capture=wish.capture)
    elif wish.outcome == "failed":
        payments.fail(box, payment)
    else:
        payments.authorise(box, payment, capture=wish.capture)
    return payment


def callback_fields(box: Sandbox, payment: Doc) -> dict[str, str]:
    """The three fields that the browser posts to the shop after a success."""
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": sign_payment(box.config.key_secret, payment["order_id"], payment["id"]),
    }
