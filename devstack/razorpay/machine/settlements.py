"""Settlements: what the provider owes the shop goes to its bank once a day, two days after the capture.

Each movement of money is a line. A payment's is due on the second day after its capture (the days are those of India,
and no bank has a holiday here); refunds and lost disputes are taken out of the next settlement. A day on which they are
more than what is due settles nothing, and its lines wait.
"""

from datetime import UTC, datetime, timedelta, timezone

from devstack.razorpay.box import Sandbox
from devstack.razorpay.store import Doc

INDIA = timezone(timedelta(hours=5, minutes=30))
_CYCLE = timedelta(days=2)
_HOUR = timedelta(hours=10)
_DAY = timedelta(days=1)
_CARD = {"card_network": "Visa", "card_issuer": "HDFC", "card_type": "credit"}


def note_capture(box: Sandbox, payment: Doc) -> None:
    """A captured payment, less the fee (in which its tax is)."""
    order = box.store.get("order", payment["order_id"]) or {}
    day = _now(box).replace(hour=0, minute=0, second=0, microsecond=0)
    line = _line(
        box, payment, payment["id"], "payment", payment["amount"], credit=payment["amount"] - payment["fee"],
        fee=payment["fee"], tax=payment["tax"], description=payment["description"], order_receipt=order.get("receipt"),
    )  # fmt: skip
    line["_due"] = (day + _CYCLE).timestamp()


def note_refund(box: Sandbox, payment: Doc, refund: Doc) -> None:
    """A refund; its fee was the payment's, and stays with the provider."""
    _line(box, payment, refund["id"], "refund", refund["amount"], debit=refund["amount"], payment_id=payment["id"])


def note_failed_refund(box: Sandbox, payment: Doc, refund: Doc) -> None:
    """It stays away from the next settlement, or is given back by an adjustment when it is in one already."""
    line = box.store.get("line", refund["id"])
    if line is not None and not line["settled"]:
        box.store.drop("line", refund["id"])
    else:
        why = f"Reversal of refund {refund['id']}"
        entity = box.ids.make("adj")
        amount = refund["amount"]
        _line(box, payment, entity, "adjustment", amount, credit=amount, payment_id=payment["id"], description=why)


def note_lost_dispute(box: Sandbox, payment: Doc, dispute: Doc) -> None:
    """What the bank took."""
    amount, of = dispute["amount_deducted"], dispute["id"]
    entity = box.ids.make("adj")
    _line(box, payment, entity, "adjustment", amount, debit=amount, payment_id=payment["id"], dispute_id=of)


def note_transfer(box: Sandbox, transfer: Doc) -> None:
    """What was passed on to a linked account."""
    _line_of_transfer(box, transfer, transfer["id"], "transfer", transfer["amount"], debit=transfer["amount"])


def note_failed_transfer(box: Sandbox, transfer: Doc) -> None:
    """It stays away from the next settlement, or is given back by an adjustment when it is in one already."""
    line = box.store.get("line", transfer["id"])
    if line is not None and not line["settled"]:
        box.store.drop("line", transfer["id"])
    else:
        amount = transfer["amount"]
        _line_of_transfer(box, transfer, box.ids.make("adj"), "adjustment", amount, credit=amount)


def note_reversal(box: Sandbox, transfer: Doc, reversal: Doc) -> None:
    """What came back of it."""
    _line_of_transfer(box, transfer, reversal["id"], "reversal", reversal["amount"], credit=reversal["amount"])


def settle_due(box: Sandbox) -> None:
    """Make every settlement whose time has come since the last look."""
    open_lines = _unsettled(box)
    if not open_lines:
        return
    begun = min(line["created_at"] for line in open_lines)
    last = (box.store.get("meta", "settled") or {}).get("until", 0.0)
    at = datetime.fromtimestamp(max(begun, last), INDIA).replace(hour=0, minute=0, second=0, microsecond=0) + _HOUR
    while at.timestamp() <= box.clock.now() and open_lines:
        if at.timestamp() > last:
            moment = at.timestamp()
            _settle(box, [line for line in open_lines if line["_due"] <= moment], int(moment))
            open_lines = _unsettled(box)
        at += _DAY
    box.store.put("meta", "settled", {"until": max(last, (at - _DAY).timestamp())})


def settle_now(box: Sandbox) -> Doc | None:
    """Everything that is not settled yet, whatever its day; none when the shop would have to pay."""
    return _settle(box, _unsettled(box), int(box.clock.now()))


def _settle(box: Sandbox, lines: list[Doc], moment: int) -> Doc | None:
    amount = sum(line["credit"] - line["debit"] for line in lines)
    if amount <= 0:
        return None
    settlement = {
        "id": box.ids.make("setl"),
        "entity": "settlement",
        "amount": amount,
        "status": "processed",
        "fees": sum(line["fee"] for line in lines),
        "tax": sum(line["tax"] for line in lines),
        "utr": f"{moment}{box.ids.bare()[:6].lower()}",
        "created_at": moment,
    }
    for line in lines:
        named = {"settlement_id": settlement["id"], "settlement_utr": settlement["utr"]}
        line.update(settled=True, settled_at=moment, **named)
        box.store.put("line", line["entity_id"], line)
    return box.store.put("settlement", str(settlement["id"]), settlement)


def _unsettled(box: Sandbox) -> list[Doc]:
    return [line for line in box.store.all("line") if not line["settled"]]


def _line(box: Sandbox, payment: Doc, entity: str, sort: str, amount: int, **more: object) -> Doc:
    now = int(box.clock.now())
    line: Doc = {
        "entity_id": entity,
        "type": sort,
        "debit": 0,
        "credit": 0,
        "amount": amount,
        "currency": payment["currency"],
        "fee": 0,
        "tax": 0,
        "on_hold": False,
        "settled": False,
        "created_at": now,
        "settled_at": None,
        "settlement_id": None,
        "posted_at": None,
        "credit_type": "default",
        "description": None,
        "notes": payment["notes"],
        "payment_id": None,
        "settlement_utr": None,
        "order_id": payment["order_id"],
        "order_receipt": None,
        "method": payment["method"],
        **(_CARD if payment["method"] == "card" else dict.fromkeys(_CARD)),
        "dispute_id": None,
        "_due": float(now),
        **more,
    }
    return box.store.put("line", entity, line)


def _line_of_transfer(box: Sandbox, transfer: Doc, entity: str, sort: str, amount: int, **more: object) -> None:
    payment = box.store.get("payment", transfer["source"]) or {"notes": {}, "order_id": None, "method": None}
    known = {"payment_id": payment.get("id"), "notes": transfer["notes"]}
    _line(box, {"currency": "INR", **payment}, entity, sort, amount, **known, **more)


def _now(box: Sandbox) -> datetime:
    return datetime.fromtimestamp(box.clock.now(), UTC).astimezone(INDIA)
