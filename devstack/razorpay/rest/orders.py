"""``/v1/orders``."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import receipt_taken, refused
from devstack.razorpay.machine import orders
from devstack.razorpay.rest import reading
from devstack.razorpay.rest.expanding import expanded_order, expanded_payment
from devstack.razorpay.rest.reading import Box, RawBody, Rule, answer, collection, fields, notes, only, short_text
from devstack.razorpay.store import Doc

router = APIRouter()
_KNOWN = {
    "amount",
    "currency",
    "receipt",
    "notes",
    "payment",
    "payment_capture",
    "partial_payment",
    "offer_id",
    "first_payment_min_amount",
    "customer_id",
    "method",
    "customer_details",
    "line_items",
    "line_items_total",
}


@router.post("/orders")
async def create(box: Box, raw: RawBody) -> JSONResponse:
    """A new order. The receipt is not enforced to be unique unless the sandbox is configured so."""
    sent = fields(raw)
    only(sent, _KNOWN)
    receipt = short_text(sent, "receipt")
    if box.config.unique_receipt and receipt and (taken := box.store.by("order", "receipt", receipt)):
        raise receipt_taken(taken[0]["id"])
    mode, options = _capture(sent)
    return answer(
        orders.create(
            box,
            amount=reading.order_amount(sent),
            currency=reading.currency(sent),
            receipt=receipt,
            notes=notes(sent),
            capture=mode,
            options=options,
        )
    )


@router.get("/orders")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All orders, or those with one receipt."""
    receipt = request.query_params.get("receipt")
    docs = box.store.all("order") if receipt is None else box.store.by("order", "receipt", receipt)
    if "authorized" in request.query_params:
        wanted = request.query_params["authorized"] == "1"
        docs = [doc for doc in docs if _has_authorised(box, doc) is wanted]
    return collection(request, box, rule, docs, shown=lambda order: expanded_order(request, box, order))


@router.get("/orders/{order_id}")
async def one(order_id: str, request: Request, box: Box) -> JSONResponse:
    """One order; never lags."""
    return JSONResponse(expanded_order(request, box, box.find("order", "order", order_id)))


@router.patch("/orders/{order_id}")
async def edit(order_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """Notes are all that can be changed."""
    order, sent = box.find("order", "order", order_id), fields(raw)
    only(sent, {"notes"})
    order["notes"] = notes(sent)
    return answer(orders.save(box, order))


@router.get("/orders/{order_id}/payments")
async def attempts(order_id: str, request: Request, box: Box, rule: Rule) -> JSONResponse:
    """Every attempt to pay it."""
    order = box.find("order", "order", order_id)
    found = box.store.by("payment", "order_id", order["id"])
    return collection(request, box, rule, found, 100, shown=lambda payment: expanded_payment(request, box, payment))


def _has_authorised(box: Box, order: Doc) -> bool:
    return any(payment["status"] == "authorized" for payment in box.store.by("payment", "order_id", order["id"]))


def _capture(sent: Doc) -> tuple[str, Doc]:
    payment: Any = sent.get("payment")
    if payment is None:
        return ("automatic" if sent.get("payment_capture") in (1, "1", True) else "manual"), {}
    if not isinstance(payment, dict) or not isinstance(options := payment.get("capture_options") or {}, dict):
        raise refused("The payment field must be an array.", "payment")
    automatic, manual = options.get("automatic_expiry_period"), options.get("manual_expiry_period")
    if automatic is not None and (type(automatic) is not int or not 12 <= automatic <= 7200):
        raise refused("The automatic expiry period must be between 12 and 7200 minutes.", "payment")
    if manual is not None and (type(manual) is not int or not (automatic or 12) <= manual <= 7200):
        raise refused("The manual expiry period must be between the automatic one and 7200 minutes.", "payment")
    reading.choice(options, "refund_speed", ("normal", "optimum"))
    return reading.choice(payment, "capture", ("manual", "automatic")), options
