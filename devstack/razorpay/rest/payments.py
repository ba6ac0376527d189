"""``/v1/payments``."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import ALREADY_CAPTURED, refused
from devstack.razorpay.machine import payments
from devstack.razorpay.rest.reading import Box, RawBody, Rule, amount, answer, collection, fields, notes, only

router = APIRouter()


@router.get("/payments")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All payments of the account."""
    return collection(request, box, rule, box.store.all("payment"))


@router.get("/payments/{payment_id}")
async def one(payment_id: str, box: Box) -> JSONResponse:
    """One payment; never lags."""
    return answer(box.find("payment", "pay", payment_id))


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
