"""``/v1/payments``."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import ALREADY_CAPTURED, refused
from devstack.razorpay.machine import payments
from devstack.razorpay.rest.expanding import expanded_payment
from devstack.razorpay.rest.reading import Box, RawBody, Rule, amount, answer, collection, fields, notes, only

router = APIRouter()


@router.get("/payments")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All payments of the account."""
    found = box.store.all("payment")
    return collection(request, box, rule, found, shown=lambda payment: expanded_payment(request, box, payment))


@router.get("/payments/{payment_id}")
async def one(payment_id: str, request: Request, box: Box) -> JSONResponse:
    """One payment; never lags."""
    return JSONResponse(expanded_payment(request, box, box.find("payment", "pay", payment_id)))


@router.patch("/payments/{payment_id}")
async def edit(payment_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """Notes are all that can be changed."""
    payment, sent = box.find("payment", "pay", payment_id), fields(raw)
    only(sent, {"notes"})
    payment["notes"] = notes(sent)
    return answer(payments.save(box, payment))


@router.post("/payments/{payment_id}/capture")
async def capture(payment_id: str, box: Box, raw: RawBody, rule: Rule) -> JSONResponse:
    """Take what was authorised. There is no idempotency here: the second time is an error."""
    payment, sent = box.find("payment", "pay", payment_id), fields(raw)
    payments.capture(box, payment, amount=amount(sent), currency=sent.get("currency") or "INR")
    if rule.get("capture_conflict"):
        raise refused(ALREADY_CAPTURED)
    return answer(payment)
