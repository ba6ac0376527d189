"""``/sandbox/*``: what an operator, a demo or a test does to this world. No login; never hit by chaos."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from devstack.razorpay import operator_transfers
from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import UNKNOWN_ID, refused
from devstack.razorpay.machine import disputes, payments, refunds, settlements
from devstack.razorpay.machine.attempts import Wish, callback_fields, pay
from devstack.razorpay.rest.reading import Box, RawBody, answer, fields, notes
from devstack.razorpay.store import Doc, public

router = APIRouter()


async def _sent(raw: RawBody) -> Doc:
    return fields(raw)


Sent = Annotated[Doc, Depends(_sent)]


@router.post("/orders/{order_id}/pay")
async def pay_order(order_id: str, box: Box, sent: Sent) -> JSONResponse:
    """The customer at the checkout, without a browser."""
    order = box.find("order", "order", order_id)
    wish = Wish(
        outcome=_word(sent, "outcome") or "success",
        capture=_flag(sent, "capture"),
        amount=_whole(sent, "amount"),
        currency=_word(sent, "currency"),
        method=_word(sent, "method") or "upi",
        notes=notes(sent),
        force=bool(_flag(sent, "force")),
        delay=_seconds(sent, "delay"),
    )
    payment = pay(box, order, wish)
    carried = dict(callback_fields(box, payment)) if wish.outcome == "success" else {}
    if sent.get("callback") is False:
        carried = {}
    shape: Doc = {"razorpay_payment_id": payment["id"], "razorpay_order_id": order_id, "razorpay_signature": None}
    error = {"error": payments.failure_fields(payment)} if payment["status"] == "failed" else {}
    return JSONResponse({"payment": public(payment), **shape, **carried, **error})


@router.post("/payments/{payment_id}/late-authorise")
async def late_authorise(payment_id: str, box: Box, sent: Sent) -> JSONResponse:
    """The bank's yes that comes late, also after a no."""
    payment = box.find("payment", "pay", payment_id)
    payments.authorise_late(box, payment, capture=_flag(sent, "capture"))
    return answer(payment)


@router.post("/payments/{payment_id}/fail")
async def fail(payment_id: str, box: Box) -> JSONResponse:
    """The bank's no to a payment that is pending."""
    payment = box.find("payment", "pay", payment_id)
    payments.fail(box, payment)
    return answer(payment)


@router.post("/payments/{payment_id}/auto-refund")
async def auto_refund(payment_id: str, box: Box) -> JSONResponse:
    """What happens days after an authorisation that nobody captured."""
    payment = box.find("payment", "pay", payment_id)
    payments.send_back(box, payment)
    return answer(payment)


@router.post("/refunds/{refund_id}/settle")
async def settle(refund_id: str, box: Box, sent: Sent) -> JSONResponse:
    """The bank's result of a refund."""
    refund = box.find("refund", "rfnd", refund_id)
    refunds.settle(box, refund, _word(sent, "status") or "processed")
    return answer(refund)


@router.post("/refunds/{refund_id}/slow-down")
async def slow_down(refund_id: str, box: Box) -> JSONResponse:
    """An instant refund that becomes a normal one."""
    refund = box.find("refund", "rfnd", refund_id)
    refunds.slow_down(box, refund)
    return answer(refund)


@router.post("/disputes")
async def dispute(box: Box, sent: Sent) -> JSONResponse:
    """A customer turns to the bank."""
    payment = box.find("payment", "pay", str(sent.get("payment_id", "")))
    phase, reason = _word(sent, "phase") or "chargeback", _word(sent, "reason_code") or "goods_not_received"
    return answer(disputes.create(box, payment, amount=_whole(sent, "amount"), phase=phase, reason_code=reason))


@router.post("/disputes/{dispute_id}/transition")
async def transition(dispute_id: str, box: Box, sent: Sent) -> JSONResponse:
    """The bank moves a dispute on."""
    return answer(disputes.move(box, box.find("dispute", "disp", dispute_id), str(sent.get("status"))))


@router.post("/settlements")
async def settle_now(box: Box) -> JSONResponse:
    """Settle everything that is not settled yet, without waiting for its day."""
    return JSONResponse(settlements.settle_now(box))


@router.get("/events")
async def events(box: Box, event: str | None = None) -> JSONResponse:
    """Everything that was announced, oldest first, also what chaos dropped."""
    return JSONResponse([one for one in box.store.all("event") if event in (None, one["event"])])


@router.post("/events/{event_id}/replay")
async def replay(event_id: str, box: Box, sent: Sent) -> JSONResponse:
    """Send the same bytes again, now."""
    event = box.store.get("event", event_id)
    if event is None:
        raise refused(UNKNOWN_ID)
    times = _whole(sent, "times")
    new_id = bool(_flag(sent, "new_id"))
    return JSONResponse(
        {"deliveries": await box.webhooks.replay(event, new_id=new_id, times=1 if times is None else times)}
    )


@router.get("/requests")
async def requests(box: Box) -> JSONResponse:
    """Every call of the REST API, oldest first; one that was cut off has no status."""
    return JSONResponse(box.store.all("request"))


@router.get("/endpoints")
async def endpoints(box: Box) -> JSONResponse:
    """Where webhooks go."""
    return JSONResponse([public(endpoint) for endpoint in box.webhooks.endpoints.all()])


@router.post("/endpoints/{number}/enable")
async def enable(number: str, box: Box) -> JSONResponse:
    """Switch an endpoint on again, by its number or id; what was announced meanwhile is not sent."""
    endpoint = box.webhooks.endpoints.get(number)
    if endpoint is None:
        raise refused(UNKNOWN_ID)
    box.webhooks.endpoints.switch(endpoint, on=True)
    return answer(endpoint)


@router.get("/chaos")
async def read_chaos(box: Box) -> JSONResponse:
    """The rules in force, with the times that are left."""
    return JSONResponse(box.chaos.rules())


@router.put("/chaos")
async def replace_chaos(box: Box, sent: Sent) -> JSONResponse:
    """Put new rules in place of all old ones."""
    box.chaos.replace(sent)
    return JSONResponse(box.chaos.rules())


@router.post("/chaos")
async def add_chaos(box: Box, sent: Sent) -> JSONResponse:
    """Put rules behind those in force: who reads all and puts all back makes one anew that was used in between."""
    box.chaos.add(sent)
    return JSONResponse(box.chaos.rules())


@router.delete("/chaos")
async def clear_chaos(box: Box) -> JSONResponse:
    """Good behaviour again."""
    box.chaos.clear()
    return JSONResponse(box.chaos.rules())


@router.post("/clock/advance")
async def advance(box: Box, sent: Sent) -> JSONResponse:
    """Let time pass: ``{"seconds": n}``."""
    box.clock.advance(_seconds(sent, "seconds"))
    box.remember()
    box.agenda.wake()
    return JSONResponse({"now": box.clock.now()})


@router.post("/reset")
async def reset(box: Box) -> JSONResponse:
    """A fresh account, with the same keys and endpoints."""
    box.reset()
    return JSONResponse({"message": "reset"})


@router.get("/state")
async def state(box: Box) -> JSONResponse:
    """All that is known."""
    return JSONResponse(_state(box))


def _state(box: Sandbox) -> Doc:
    kinds = {"orders": "order", "payments": "payment", "refunds": "refund", "disputes": "dispute"}
    kinds["settlements"] = "settlement"
    shown: Doc = {name: [public(doc) for doc in box.store.all(kind)] for name, kind in kinds.items()}
    shown.update(operator_transfers.state(box))
    shown["payment_links"] = [public(link) for link in box.store.all("link")]
    shown["endpoints"] = [public(endpoint) for endpoint in box.webhooks.endpoints.all()]
    return {**shown, "agenda": box.store.all("agenda"), "chaos": box.chaos.rules(), "now": box.clock.now()}


def _flag(sent: Doc, name: str) -> bool | None:
    value: Any = sent.get(name)
    if value is not None and not isinstance(value, bool):
        raise refused(f"{name} is true, false or absent", name)
    return value


def _whole(sent: Doc, name: str) -> int | None:
    value: Any = sent.get(name)
    if value is not None and (type(value) is not int or value < 0):
        raise refused(f"{name} is a whole number", name)
    return value


def _seconds(sent: Doc, name: str) -> float:
    value: Any = sent.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise refused(f"{name} is a number of seconds; time does not run backwards here", name)
    return float(value)


def _word(sent: Doc, name: str) -> str | None:
    value: Any = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise refused(f"{name} is a word", name)
    return value
