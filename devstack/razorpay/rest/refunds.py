"""``/v1/refunds`` and the refunds of a payment, with their idempotency key."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import UNKNOWN_ID, conflict, refused
from devstack.razorpay.machine import refunds
from devstack.razorpay.rest import reading
from devstack.razorpay.rest.reading import Box, RawBody, Rule, answer, collection, fields, notes, only, short_text
from devstack.razorpay.store import Doc

router = APIRouter()
Key = Annotated[str | None, Header(alias="X-Refund-Idempotency")]
IN_PROGRESS = "Another request with the same idempotency key is still in progress."
ANOTHER_BODY = "Different request with the same idempotency key has already been processed."


@router.post("/payments/{payment_id}/refund")
async def create(
    payment_id: str, request: Request, box: Box, raw: RawBody, rule: Rule, key: Key = None
) -> JSONResponse:
    """Give money back; the same key and the same bytes answer the same refund."""
    fingerprint = hashlib.sha256(payment_id.encode() + raw).hexdigest()
    if key is not None and (kept := _same_before(request, box, key, fingerprint)):
        return answer(kept)
    refund = _refund(box, payment_id, fields(raw), rule)
    if key is not None:
        box.store.put("idempotency", key, {"fingerprint": fingerprint, "refund": refund["id"]})
    return answer(refund)


@router.post("/refunds")
async def create_by_body(box: Box, raw: RawBody, rule: Rule) -> JSONResponse:
    """The older form, with the payment in the body and without a key."""
    sent = fields(raw)
    return answer(_refund(box, str(sent.pop("payment_id", "")), sent, rule))


@router.get("/payments/{payment_id}/refunds")
async def of_payment(payment_id: str, request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All refunds of one payment."""
    payment = box.find("payment", "pay", payment_id)
    return collection(request, box, rule, box.store.by("refund", "payment_id", payment["id"]))


@router.get("/payments/{payment_id}/refunds/{refund_id}")
async def one_of_payment(payment_id: str, refund_id: str, box: Box) -> JSONResponse:
    """One of them."""
    refund = box.find("refund", "rfnd", refund_id)
    if refund["payment_id"] != payment_id:
        raise refused(UNKNOWN_ID)
    return answer(refund)


@router.get("/refunds")
@router.get("/refunds/")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All refunds of the account."""
    return collection(request, box, rule, box.store.all("refund"))


@router.get("/refunds/{refund_id}")
async def one(refund_id: str, box: Box) -> JSONResponse:
    """One refund; never lags."""
    return answer(box.find("refund", "rfnd", refund_id))


@router.patch("/refunds/{refund_id}")
async def edit(refund_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """Notes are all that can be changed."""
    refund, sent = box.find("refund", "rfnd", refund_id), fields(raw)
    only(sent, {"notes"})
    refund["notes"] = notes(sent)
    return answer(box.store.put("refund", refund["id"], refund))


def _same_before(request: Request, box: Sandbox, key: str, fingerprint: str) -> Doc | None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{10,}", key):
        raise refused("The idempotency key must be at least 10 characters of letters, digits, - and _.")
    if key in box.in_flight and not request.scope.get("sandbox.holds_key"):
        raise conflict(IN_PROGRESS)
    kept = box.store.get("idempotency", key)
    if kept is None:
        return None
    if kept["fingerprint"] != fingerprint:
        raise conflict(ANOTHER_BODY)
    return box.store.get("refund", kept["refund"])


def _refund(box: Sandbox, payment_id: str, sent: Doc, rule: Doc) -> Doc:
    payment = box.find("payment", "pay", payment_id)
    only(sent, {"amount", "speed", "notes", "receipt"})
    wanted: Doc = {"notes": notes(sent), "receipt": short_text(sent, "receipt")}
    if "amount" in sent:
        wanted["amount"] = reading.amount(sent)
    wanted["speed"] = reading.choice(sent, "speed", ("normal", "optimum"))
    return refunds.create(box, payment, wanted, rule)
