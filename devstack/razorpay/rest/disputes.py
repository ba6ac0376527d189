"""``/v1/disputes``."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.machine import disputes
from devstack.razorpay.rest.reading import Box, RawBody, Rule, answer, collection, fields

router = APIRouter()


@router.get("/disputes")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All disputes of the account."""
    return collection(request, box, rule, box.store.all("dispute"))


@router.get("/disputes/{dispute_id}")
async def one(dispute_id: str, box: Box) -> JSONResponse:
    """One dispute."""
    return answer(box.find("dispute", "disp", dispute_id))


@router.post("/disputes/{dispute_id}/accept")
async def accept(dispute_id: str, box: Box) -> JSONResponse:
    """The shop gives in."""
    return answer(disputes.move(box, box.find("dispute", "disp", dispute_id), "lost"))


@router.patch("/disputes/{dispute_id}/contest")
async def contest(dispute_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """The shop sends evidence: a draft, or for good with ``action: submit``."""
    dispute, sent = box.find("dispute", "disp", dispute_id), fields(raw)
    action = sent.pop("action", "draft")
    known = {key: value for key, value in sent.items() if key in dispute["evidence"]}
    dispute["evidence"] = {**dispute["evidence"], **known}
    if action == "submit":
        dispute["evidence"]["submitted_at"] = int(box.clock.now())
        return answer(disputes.move(box, dispute, "under_review"))
    return answer(box.store.put("dispute", dispute["id"], dispute))
