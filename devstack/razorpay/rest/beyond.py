"""What the official SDK can ask besides orders, payments and refunds: enough for its own published flows.

A payment without a checkout page goes ``create/json`` -> ``otp_generate`` -> ``otp/submit``; the one-time password is
any six digits, and ``000000`` is a wrong one.
"""

import re
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import UNKNOWN_ID, refused
from devstack.razorpay.machine import payments
from devstack.razorpay.machine.attempts import Wish, callback_fields, pay
from devstack.razorpay.rest.expanding import CARD
from devstack.razorpay.rest.reading import Box, RawBody, fields, notes
from devstack.razorpay.store import Doc

router = APIRouter()

_DOWNTIME: Doc = {
    "id": "down_SandboxDown001",
    "entity": "payment.downtime",
    "method": "netbanking",
    "begin": 1767225600,
    "end": 1767229200,
    "status": "resolved",
    "scheduled": True,
    "severity": "high",
    "instrument": {"bank": "HDFC"},
    "created_at": 1767225600,
    "updated_at": 1767229200,
}


@router.post("/orders/{order_id}/rto_review")
async def review(order_id: str, box: Box) -> JSONResponse:
    """How likely a parcel comes back; nothing is sent here, so: hardly."""
    box.find("order", "order", order_id)
    return JSONResponse({"risk_tier": "low", "rto_reasons": []})


@router.post("/orders/{order_id}/fulfillment")
async def fulfil(order_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """Shipment data of an order, stored and returned as sent."""
    box.find("order", "order", order_id)
    told = {key: value for key, value in fields(raw).items() if key in {"payment_method", "shipping"}}
    return JSONResponse({"entity": "order.fulfillment", "order_id": order_id.removeprefix("order_"), **told})


@router.get("/payments/{payment_id}/bank_transfer")
async def bank_transfer(payment_id: str, box: Box) -> JSONResponse:
    """As if the money had come to a virtual account."""
    return JSONResponse({**_virtual(box, payment_id), "payer_bank_account": None, "payer_bank_name": "Razorpay"})


@router.get("/payments/{payment_id}/upi_transfer")
async def upi_transfer(payment_id: str, box: Box) -> JSONResponse:
    """The same by UPI."""
    return JSONResponse(
        {**_virtual(box, payment_id), "payer_vpa": None, "payer_account": None, "payer_bank": "Razorpay"}
    )


@router.get("/payments/{payment_id}/card")
async def card(payment_id: str, box: Box) -> JSONResponse:
    """The card that paid."""
    payment = box.find("payment", "pay", payment_id)
    if payment["card_id"] is None:
        raise refused("The payment was not made by card")
    return JSONResponse({"id": payment["card_id"], **CARD})


@router.get("/payments/downtimes")
async def downtimes() -> JSONResponse:
    """One, and it is over."""
    return JSONResponse({"entity": "collection", "count": 1, "items": [_DOWNTIME]})


@router.get("/payments/downtimes/{downtime_id}")
async def downtime(downtime_id: str) -> JSONResponse:
    """That one."""
    if downtime_id != _DOWNTIME["id"]:
        raise refused(UNKNOWN_ID)
    return JSONResponse(_DOWNTIME)


@router.post("/payments/create/json")
async def create(box: Box, raw: RawBody) -> JSONResponse:
    """A payment that waits for a one-time password."""
    payment = _attempt(box, raw, "pending")
    return JSONResponse({"razorpay_payment_id": payment["id"], "next": _next(payment, "otp_generate", "redirect")})


@router.post("/payments/create/recurring")
async def recur(box: Box, raw: RawBody) -> JSONResponse:
    """A payment that the customer agreed to before."""
    return JSONResponse(callback_fields(box, _attempt(box, raw, "success")))


@router.post("/payments/{payment_id}/otp_generate")
async def generate(payment_id: str, box: Box) -> JSONResponse:
    """The bank sends a password."""
    payment = box.find("payment", "pay", payment_id)
    metadata = {"issuer": "HDFC", "network": "MC", "last4": "1111", "iin": "411111"}
    links = _next(payment, "otp_submit", "otp_resend")
    return JSONResponse({"razorpay_payment_id": payment["id"], "next": links, "metadata": metadata})


@router.post("/payments/{payment_id}/otp/submit")
async def submit(payment_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """The password decides."""
    payment, otp = box.find("payment", "pay", payment_id), fields(raw).get("otp")
    if not isinstance(otp, str) or not re.fullmatch(r"(?!000000)[0-9]{6}", otp):
        raise refused("Payment processing failed because of incorrect OTP", "otp")
    if payment["status"] != "created":
        raise refused("The payment has already been processed")
    payments.authorise(box, payment, capture=None)
    return JSONResponse(callback_fields(box, payment))


@router.post("/payments/{payment_id}/otp/resend")
async def resend(payment_id: str, box: Box) -> JSONResponse:
    """The bank sends it again."""
    payment = box.find("payment", "pay", payment_id)
    return JSONResponse({"next": ["otp_submit", "otp_resend"], "razorpay_payment_id": payment["id"]})


def _attempt(box: Sandbox, raw: bytes, outcome: str) -> Doc:
    sent = fields(raw)
    order = box.find("order", "order", str(sent.get("order_id", "")))
    if str(sent.get("amount")) != str(order["amount"]):  # this call takes text as well
        raise refused("Your payment amount is different from your order amount.", "amount")
    method = sent["method"] if isinstance(sent.get("method"), str) else "card"
    return pay(box, order, Wish(outcome=outcome, method=method, notes=notes(sent)))


def _next(payment: Doc, *actions: str) -> list[dict[str, Any]]:
    return [{"action": action, "url": f"/v1/payments/{payment['id']}/{action}"} for action in actions]


def _virtual(box: Sandbox, payment_id: str) -> Doc:
    payment = box.find("payment", "pay", payment_id)
    return {"amount": payment["amount"], "payment_id": payment["id"], "virtual_account_id": "va_SandboxVirt001"}
