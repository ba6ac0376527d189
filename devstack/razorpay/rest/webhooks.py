"""``/v1/webhooks``: made and listed with a merchant's key; changing one is for the dashboard (404 here)."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.errors import refused
from devstack.razorpay.rest.reading import Box, RawBody, Rule, answer, collection, fields, short_text
from devstack.razorpay.webhooks.endpoints import EVENTS

router = APIRouter()


@router.post("/webhooks")
async def create(box: Box, raw: RawBody) -> JSONResponse:
    """One more endpoint; ``events`` is a list, or an object of switches."""
    sent = fields(raw)
    url = sent.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise refused("The url format is invalid.", "url")
    given = sent.get("events") or list(EVENTS)
    if not isinstance(given, dict | list):
        raise refused("The events must be an array.", "events")
    wanted = [name for name, on in given.items() if on] if isinstance(given, dict) else given
    if unknown := [name for name in wanted if name not in EVENTS]:
        raise refused(f"Invalid event name/names: {', '.join(map(str, unknown))}", "events")
    more = {"alert_email": sent["alert_email"]} if sent.get("alert_email") else {}
    return answer(box.webhooks.endpoints.create(url, short_text(sent, "secret"), wanted, **more))


@router.get("/webhooks")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All endpoints, also those that were switched off."""
    return collection(request, box, rule, box.webhooks.endpoints.all())
