"""Transfers (Route): a part of captured money for a linked account, held there, released, or taken back.

``created -> processed | failed``; what is taken back of a processed one makes it partially_reversed, then reversed.
Whether it has reached the account's bank is its ``settlement_status``: pending, on_hold, settled.
"""

from typing import Any

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused
from devstack.razorpay.machine import accounts, settlements
from devstack.razorpay.store import Doc

LOW_BALANCE = "Your account does not have enough balance to carry out the transfer operation."
NOTHING_TO_REVERSE = "The linked account does not have enough balance to reverse the transfer."
TOO_MUCH = "The sum of amount requested for transfer is greater than the captured amount"
_NO_ERROR: Doc = dict.fromkeys(("code", "description", "field", "source", "step", "reason"))
_FAILURE = {
    "code": "BAD_REQUEST_ERROR",
    "description": "The transfer could not be processed",
    "field": None,
    "source": "business",
    "step": "transfer_processing",
    "reason": "transfer_failed",
}


def of_payment(box: Sandbox, payment: Doc) -> list[Doc]:
    """What was passed on of a payment, oldest first; failed ones too."""
    return box.store.by("transfer", "source", payment["id"])


def from_payment(box: Sandbox, payment: Doc, parts: list[Doc], rule: Doc) -> list[Doc]:
    """Pass on parts of a captured payment, all or none. The same request again passes on as much again."""
    if payment["amount_refunded"]:
        raise refused("Transfers cannot be made from a payment that was refunded")
    if not payment["captured"]:
        raise refused("The payment status should be captured for action to be taken")
    passed_on = sum(one["amount"] - one["amount_reversed"] for one in of_payment(box, payment) if _moved(one))
    if passed_on + sum(part["amount"] for part in parts) > payment["amount"]:
        raise refused(TOO_MUCH, "amount")
    for part in parts:
        _ensure_activated(box, part["account"])
    return [_make(box, payment["id"], part, rule) for part in parts]


def direct(box: Sandbox, part: Doc, rule: Doc) -> Doc:
    """From our balance, of no payment."""
    if rule.get("insufficient_balance"):
        raise refused(LOW_BALANCE)
    _ensure_activated(box, part["account"])
    return _make(box, box.config.account_id, part, rule)


def hold(box: Sandbox, transfer: Doc, *, on_hold: bool, until: int | None) -> None:
    """Keep it from the account's bank, or let it go there."""
    if transfer["status"] == "failed" or transfer["settlement_status"] == "settled":
        raise refused("The settlement of this transfer cannot be changed any more")
    state = "on_hold" if on_hold else "pending"
    transfer.update(on_hold=on_hold, on_hold_until=until if on_hold else None, settlement_status=state)
    _save(box, transfer)


def reverse(box: Sandbox, transfer: Doc, amount: int | None, notes: Doc, rule: Doc) -> Doc:
    """Take it back, or a part of it; any number of times until nothing is left."""
    left = transfer["amount"] - transfer["amount_reversed"]
    wanted = left if amount is None else amount
    if not _moved(transfer):
        raise refused("Only a transfer that was processed can be reversed")
    if wanted > left or not left:
        raise refused("The reversal amount provided is greater than the amount that is not reversed yet", "amount")
    if rule.get("reversal_insufficient"):
        raise refused(NOTHING_TO_REVERSE)
    reversal: dict[str, Any] = {
        "id": box.ids.make("rvrsl"),
        "entity": "reversal",
        "transfer_id": transfer["id"],
        "amount": wanted,
        "fee": 0,
        "tax": 0,
        "currency": transfer["currency"],
        "notes": notes,
        "initiator_id": box.config.account_id.removeprefix("acc_"),
        "customer_refund_id": None,
        "utr": None,
        "created_at": int(box.clock.now()),
    }
    transfer["amount_reversed"] += wanted
    transfer["status"] = "reversed" if wanted == left else "partially_reversed"
    _save(box, transfer)
    box.store.put("reversal", reversal["id"], reversal)
    settlements.note_reversal(box, transfer, reversal)
    return reversal


def settle(box: Sandbox, transfer: Doc) -> None:
    """It reaches the account's bank, unless it is on hold."""
    if not _moved(transfer) or transfer["on_hold"] or transfer["settlement_status"] == "settled":
        raise refused("Only a processed transfer that is not on hold can be settled")
    settlement = {
        "id": box.ids.make("setl"),
        "entity": "settlement",
        "amount": transfer["amount"] - transfer["amount_reversed"],
        "status": "processed",
        "fees": 0,
        "tax": 0,
        "utr": f"{int(box.clock.now())}{box.ids.bare()[:6].lower()}",
        "created_at": int(box.clock.now()),
    }
    transfer.update(settlement_status="settled", recipient_settlement_id=settlement["id"])
    _save(box, transfer)
    box.announce("settlement.processed", settlement=settlement)


def fail(box: Sandbox, transfer: Doc) -> None:
    """It does not arrive: the money is ours again."""
    if not _moved(transfer) or transfer["amount_reversed"] or transfer["settlement_status"] == "settled":
        raise refused("Only a transfer of which nothing was settled or reversed can fail")
    transfer.update(status="failed", error=dict(_FAILURE), processed_at=None, settlement_status=None)
    _save(box, transfer)
    settlements.note_failed_transfer(box, transfer)
    box.announce("transfer.failed", transfer=transfer)


def _moved(transfer: Doc) -> bool:
    return bool(transfer["status"] != "failed")


def _ensure_activated(box: Sandbox, account_id: str) -> None:
    account = box.store.get("account", account_id)
    if account is None:
        raise refused("The linked account does not exist", "account")
    if accounts.status(account) != accounts.ACTIVATED:
        raise refused("The linked account is not activated", "account")


def _make(box: Sandbox, source: str, part: Doc, rule: Doc) -> Doc:
    now = int(box.clock.now())
    transfer: dict[str, Any] = {
        "id": box.ids.make("trf"),
        "entity": "transfer",
        "status": "processed",
        "source": source,
        "recipient": part["account"],
        "amount": part["amount"],
        "currency": part["currency"],
        "amount_reversed": 0,
        "fees": 0,
        "tax": 0,
        "notes": part["notes"],
        "linked_account_notes": [],
        "on_hold": part["on_hold"],
        "on_hold_until": part["on_hold_until"],
        "settlement_status": "on_hold" if part["on_hold"] else "pending",
        "recipient_settlement_id": None,
        "created_at": now,
        "processed_at": now,
        "error": dict(_NO_ERROR),
    }
    _save(box, transfer)
    settlements.note_transfer(box, transfer)
    if rule.get("transfer_fail"):
        fail(box, transfer)
    else:
        box.announce("transfer.processed", transfer=transfer)
    return transfer


def _save(box: Sandbox, transfer: Doc) -> None:
    box.store.put("transfer", transfer["id"], transfer)
