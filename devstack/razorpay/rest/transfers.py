"""``/v1/transfers``, the transfers of a payment, and ``/v2/accounts``: Razorpay Route."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import UNKNOWN_ID, conflict, refused
from devstack.razorpay.machine import accounts, transfers
from devstack.razorpay.rest import reading
from devstack.razorpay.rest.reading import Box, RawBody, Rule, answer, collection, fields, notes, only
from devstack.razorpay.rest.refunds import IN_PROGRESS
from devstack.razorpay.store import Doc, public

router = APIRouter()
account_router = APIRouter()
Key = Annotated[str | None, Header(alias="X-Transfer-Idempotency")]
_PART = {"account", "amount", "currency", "notes", "linked_account_notes", "on_hold", "on_hold_until"}


@router.post("/payments/{payment_id}/transfers")
async def create(payment_id: str, box: Box, raw: RawBody, rule: Rule) -> JSONResponse:
    """Pass on parts of a payment. There is no idempotency here: the second time passes on as much again."""
    payment, wanted = box.find("payment", "pay", payment_id), fields(raw).get("transfers")
    parts = list(wanted.values()) if isinstance(wanted, dict) else wanted
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise refused("The transfers field is required.", "transfers")
    return _listed(transfers.from_payment(box, payment, [_part(part) for part in parts], rule))


@router.get("/payments/{payment_id}/transfers")
async def of_payment(payment_id: str, box: Box) -> JSONResponse:
    """Every transfer of one payment; never lags."""
    return _listed(transfers.of_payment(box, box.find("payment", "pay", payment_id)))


@router.post("/transfers")
async def create_direct(request: Request, box: Box, raw: RawBody, rule: Rule, key: Key = None) -> JSONResponse:
    """From the balance; the same key and the same bytes answer the same transfer."""
    fingerprint = hashlib.sha256(raw).hexdigest()
    if key is not None and (kept := _same_before(request, box, key, fingerprint)):
        return answer(kept)
    made = transfers.direct(box, _part(fields(raw)), rule)
    if key is not None:
        box.store.put("transfer_key", key, {"fingerprint": fingerprint, "transfer": made["id"]})
    return answer(made)


@router.get("/transfers")
async def every(request: Request, box: Box, rule: Rule) -> JSONResponse:
    """All transfers of the account, or those of one settlement of a linked one."""
    found = box.store.all("transfer")
    if settlement := request.query_params.get("recipient_settlement_id"):
        found = [one for one in found if one["recipient_settlement_id"] == settlement]
    return collection(request, box, rule, found)


@router.get("/transfers/{transfer_id}")
async def one(transfer_id: str, box: Box) -> JSONResponse:
    """One transfer; never lags."""
    return answer(box.find("transfer", "trf", transfer_id))


@router.patch("/transfers/{transfer_id}")
async def change(transfer_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """Whether it is kept from the account's bank is all that can be changed."""
    transfer, sent = box.find("transfer", "trf", transfer_id), fields(raw)
    only(sent, {"on_hold", "on_hold_until"})
    if "on_hold" not in sent:
        raise refused("The on_hold field is required.", "on_hold")
    transfers.hold(box, transfer, on_hold=_flag(sent), until=_until(sent))
    return answer(transfer)


@router.post("/transfers/{transfer_id}/reversals")
async def reverse(transfer_id: str, box: Box, raw: RawBody, rule: Rule) -> JSONResponse:
    """Take it back, or a part of it. There is no idempotency here: the second time takes as much again."""
    transfer, sent = box.find("transfer", "trf", transfer_id), fields(raw)
    only(sent, {"amount", "notes"})
    amount = reading.amount(sent) if "amount" in sent else None
    return answer(transfers.reverse(box, transfer, amount, notes(sent), rule))


@router.get("/transfers/{transfer_id}/reversals")
async def reversals(transfer_id: str, box: Box) -> JSONResponse:
    """What was taken back of it; never lags."""
    transfer = box.find("transfer", "trf", transfer_id)
    return _listed(box.store.by("reversal", "transfer_id", transfer["id"]))


@account_router.get("/accounts/{account_id}")
async def account(account_id: str, box: Box) -> JSONResponse:
    """A linked account."""
    return answer(box.find("account", "acc", account_id))


@account_router.get("/accounts/{account_id}/products")
async def products(account_id: str, box: Box) -> JSONResponse:
    """What it may do: Route, in the state in which the provider's review of it is."""
    return _listed([accounts.product(box.find("account", "acc", account_id))])


@account_router.get("/accounts/{account_id}/products/{product_id}")
async def product(account_id: str, product_id: str, box: Box) -> JSONResponse:
    """The same by its own id."""
    found = accounts.product(box.find("account", "acc", account_id))
    if found["id"] != product_id:
        raise refused(UNKNOWN_ID)
    return JSONResponse(found)


def _same_before(request: Request, box: Sandbox, key: str, fingerprint: str) -> Doc | None:
    if not 4 <= len(key) <= 36:
        raise refused("The idempotency key must be between 4 and 36 characters.")
    if key in box.in_flight and not request.scope.get("sandbox.holds_key"):
        raise conflict(IN_PROGRESS)
    kept = box.store.get("transfer_key", key)
    if kept is None:
        return None
    if kept["fingerprint"] != fingerprint:
        raise refused("Different request with the same idempotency key has already been processed.")
    return box.store.get("transfer", kept["transfer"])


def _part(sent: Doc) -> Doc:
    only(sent, _PART)
    account_id = sent.get("account")
    if not isinstance(account_id, str) or not account_id:
        raise refused("The account field is required.", "account")
    if reading.currency(sent) != "INR":
        raise refused("Currency is not supported", "currency")
    on_hold = _flag(sent)
    return {
        "account": account_id,
        "amount": reading.amount(sent),
        "currency": "INR",
        "notes": notes(sent),
        "on_hold": on_hold,
        "on_hold_until": _until(sent) if on_hold else None,
    }


def _flag(sent: Doc) -> bool:
    value: Any = sent.get("on_hold", False)
    if not isinstance(value, int) or value not in (0, 1):
        raise refused("The on_hold field must be true or false.", "on_hold")
    return bool(value)


def _until(sent: Doc) -> int | None:
    value: Any = sent.get("on_hold_until")
    if value is not None and (type(value) is not int or value < 0):
        raise refused("The on_hold_until must be a timestamp.", "on_hold_until")
    return value


def _listed(found: list[Doc]) -> JSONResponse:
    return JSONResponse({"entity": "collection", "count": len(found), "items": [public(each) for each in found]})
