"""``/v1/payment_links``."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import refused
from devstack.razorpay.machine import links
from devstack.razorpay.rest.reading import Box, RawBody, amount, answer, currency, fields, notes, short_text
from devstack.razorpay.store import public

router = APIRouter()
_SOONEST = 15 * 60


@router.post("/payment_links")
@router.post("/payment_links/")
async def create(request: Request, box: Box, raw: RawBody) -> JSONResponse:
    """A link; it may expire, in fifteen minutes at the earliest, and its reference is unique."""
    sent = fields(raw)
    reference = short_text(sent, "reference_id")
    if reference and any(link["reference_id"] == reference for link in box.store.all("link")):
        raise refused("payment link with given reference_id already exists.", "reference_id")
    expire_by = sent.get("expire_by") or 0
    if expire_by and (type(expire_by) is not int or expire_by < box.clock.now() + _SOONEST):
        raise refused("expire_by should be at least 15 minutes after current time", "expire_by")
    wanted = {**sent, "amount": amount(sent), "currency": currency({"currency": "INR", **sent}), "notes": notes(sent)}
    return answer(links.create(box, str(request.base_url).rstrip("/"), wanted))


@router.get("/payment_links")
@router.get("/payment_links/")
async def every(request: Request, box: Box) -> JSONResponse:
    """All links; this list has a shape of its own."""
    reference = request.query_params.get("reference_id")
    found = [public(link) for link in reversed(box.store.all("link")) if reference in (None, link["reference_id"])]
    return JSONResponse({"payment_links": found})


@router.get("/payment_links/{link_id}")
async def one(link_id: str, box: Box) -> JSONResponse:
    """One link."""
    return answer(box.find("link", "plink", link_id))


@router.post("/payment_links/{link_id}/cancel")
async def cancel(link_id: str, box: Box) -> JSONResponse:
    """Close it before it is paid."""
    return answer(links.close(box, box.find("link", "plink", link_id), "cancelled"))
