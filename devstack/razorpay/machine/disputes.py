"""Disputes: the customer asks the bank for the money instead of the shop. The payment's own state is untouched."""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused
from devstack.razorpay.machine import settlements
from devstack.razorpay.store import Doc

STATUSES = ("open", "under_review", "action_required", "won", "lost", "closed")
_PROOFS = (
    "shipping_proof", "billing_proof", "cancellation_proof", "customer_communication", "proof_of_service",
    "explanation_letter", "refund_confirmation", "access_activity_log", "refund_cancellation_policy",
    "term_and_conditions", "others", "submitted_at",
)  # fmt: skip
_WEEK = 7 * 24 * 3600


def create(box: Sandbox, payment: Doc, *, amount: int | None, phase: str, reason_code: str) -> Doc:
    """A chargeback (or another phase) of all or part of a captured payment."""
    if not payment["captured"]:
        raise refused("Only a captured payment can be disputed")
    disputed = payment["amount"] if amount is None else amount
    dispute: dict[str, Any] = {
        "id": box.ids.make("disp"),
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": disputed,
        "currency": payment["currency"],
        "amount_deducted": 0,
        "gateway_dispute_id": None,
        "reason_code": reason_code,
        "respond_by": int(box.clock.now()) + _WEEK,
        "status": "open",
        "phase": phase,
        "comments": None,
        "created_at": int(box.clock.now()),
        "evidence": {"amount": disputed, "summary": None, **dict.fromkeys(_PROOFS)},
    }
    box.store.put("dispute", dispute["id"], dispute)
    box.announce("payment.dispute.created", payment=payment, dispute=dispute)
    return dispute


def move(box: Sandbox, dispute: Doc, status: str) -> Doc:
    """Another state; only a lost dispute takes money away."""
    if status not in STATUSES or dispute["status"] in {"won", "lost", "closed"}:
        raise refused(f"A dispute that is {dispute['status']} cannot become {status}")
    dispute["status"] = "open" if status == "action_required" else status
    dispute["amount_deducted"] = dispute["amount"] if status == "lost" else 0
    box.store.put("dispute", dispute["id"], dispute)
    if status != "open":
        payment = box.find("payment", "pay", dispute["payment_id"])
        if status == "lost":
            settlements.note_lost_dispute(box, payment, dispute)
        box.announce(f"payment.dispute.{status}", payment=payment, dispute=dispute)
    return dispute
