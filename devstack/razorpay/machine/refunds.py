"""Refunds: ``pending -> processed | failed``; a processed one may still fail. They cannot be cancelled."""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import LOW_BALANCE, refused
from devstack.razorpay.machine import payments, settlements
from devstack.razorpay.store import Doc


def remaining(payment: Doc) -> int:
    """What can still be given back."""
    return int(payment["amount"] - payment["amount_refunded"])


def create(box: Sandbox, payment: Doc, fields: Doc, rule: Doc) -> Doc:
    """Give money back; counted against the payment at once, whatever becomes of the refund later."""
    amount = fields.get("amount", remaining(payment))
    _ensure_possible(payment, amount, rule)
    speed = fields.get("speed", "normal")
    refund: dict[str, Any] = {
        "id": box.ids.make("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": fields.get("notes") or {},
        "receipt": fields.get("receipt"),
        "acquirer_data": {"arn": None},
        "created_at": int(box.clock.now()),
        "batch_id": None,
        "status": "pending",
        "speed_processed": "instant" if speed == "optimum" else "normal",
        "speed_requested": speed,
    }
    _count(box, payment, amount)
    waits = rule.get("refund_pending") or rule.get("refund_fail_later")
    if not waits:
        refund.update(status="processed", acquirer_data={"arn": "10000000000000"})
    box.store.put("refund", refund["id"], refund)
    settlements.note_refund(box, payment, refund)
    box.announce("refund.created", refund=refund, payment=payment)
    if not waits:
        box.announce("refund.processed", refund=refund, payment=payment)
    if later := rule.get("refund_fail_later"):
        seconds = 1.0 if later is True else float(later)
        box.agenda.add("fail_refund", box.clock.now() + seconds, refund=refund["id"])
    return refund


def slow_down(box: Sandbox, refund: Doc) -> None:
    """An instant refund falls back to the normal way, which takes days: it is pending again."""
    if refund["speed_requested"] != "optimum" or refund["speed_processed"] != "instant" or refund["status"] == "failed":
        raise refused("Only an instant refund can fall back to normal speed")
    refund.update(status="pending", speed_processed="normal", acquirer_data={"arn": None})
    box.store.put("refund", refund["id"], refund)
    payment = box.find("payment", "pay", refund["payment_id"])
    box.announce("refund.speed_changed", refund=refund, payment=payment)


def settle(box: Sandbox, refund: Doc, status: str) -> None:
    """The bank's final result; if it failed, the money counts as captured again."""
    if refund["status"] == status:
        return
    if refund["status"] == "failed" or status not in {"processed", "failed"}:
        raise refused(f"A refund that is {refund['status']} cannot become {status}")
    payment = box.find("payment", "pay", refund["payment_id"])
    refund["status"] = status
    if status == "processed":
        refund["acquirer_data"] = {"arn": "10000000000000"}
    else:
        refund["speed_processed"] = None
        settlements.note_failed_refund(box, payment, refund)
        _count(box, payment, -refund["amount"])
    box.store.put("refund", refund["id"], refund)
    box.announce(f"refund.{status}", refund=refund, payment=payment)


def _ensure_possible(payment: Doc, amount: int, rule: Doc) -> None:
    if rule.get("insufficient_balance"):
        raise refused(LOW_BALANCE)
    if payment["status"] == "refunded":
        raise refused("The payment has been fully refunded already")
    if payment["status"] != "captured":
        raise refused("The payment status should be captured for action to be taken")
    if amount > remaining(payment):
        raise refused("The refund amount provided is greater than amount captured", "amount")


def _count(box: Sandbox, payment: Doc, amount: int) -> None:
    payment["amount_refunded"] += amount
    given_back = payment["amount_refunded"]
    full = given_back >= payment["amount"]
    payment["status"] = "refunded" if full else "captured"
    payment["refund_status"] = "full" if full else "partial" if given_back else None
    payments.save(box, payment)
