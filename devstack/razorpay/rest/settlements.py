"""``/v1/settlements`` and the report that says what is in them."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import refused
from devstack.razorpay.machine import settlements
from devstack.razorpay.rest.reading import Box, Rule, answer, collection, number
from devstack.razorpay.store import public

router = APIRouter()
_MOST = 1000
_USUAL = 10


@router.get("/settlements")
@router.get("/settlements/")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All settlements of the account."""
    settlements.settle_due(box)
    return collection(request, box, rule, box.store.all("settlement"))


@router.get("/settlements/recon/combined")
async def report(request: Request, box: Box) -> JSONResponse:
    """Every payment, refund and adjustment that was settled in a month, or on a day of it: days of India."""
    settlements.settle_due(box)
    wanted = {name: number(request, name) for name in ("year", "month", "day", "count", "skip")}
    for name in ("year", "month"):
        if wanted[name] is None:
            raise refused(f"The {name} field is required.", name)
    count, skip = _USUAL if wanted["count"] is None else wanted["count"], wanted["skip"] or 0
    if not 1 <= count <= _MOST:
        raise refused(f"The count must be between 1 and {_MOST}.", "count")
    found = []
    for line in box.store.all("line"):
        if line["settled"]:
            at = datetime.fromtimestamp(line["settled_at"], settlements.INDIA)
            if (at.year, at.month) == (wanted["year"], wanted["month"]) and wanted["day"] in (None, at.day):
                found.append(line)
    items = [public(line) for line in found[skip : skip + count]]
    return JSONResponse({"entity": "collection", "count": len(items), "items": items})


@router.get("/settlements/{settlement_id}")
async def one(settlement_id: str, box: Box) -> JSONResponse:
    """One settlement."""
    settlements.settle_due(box)
    return answer(box.find("settlement", "setl", settlement_id))
