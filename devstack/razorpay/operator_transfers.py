"""``/sandbox/accounts`` and ``/sandbox/transfers``: what the provider does with linked accounts, on demand."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused
from devstack.razorpay.machine import accounts, transfers
from devstack.razorpay.rest.reading import Box, RawBody, answer, fields
from devstack.razorpay.store import Doc, public

router = APIRouter()


@router.post("/accounts")
async def create(box: Box, raw: RawBody) -> JSONResponse:
    """Somebody was onboarded: ``{"name": .., "activated": true}``."""
    sent = fields(raw)
    name: Any = sent.get("name") or "Linked account"
    if not isinstance(name, str):
        raise refused("name is a word", "name")
    return _shown(accounts.create(box, name, activated=_activated(sent)))


@router.patch("/accounts/{account_id}")
async def change(account_id: str, box: Box, raw: RawBody) -> JSONResponse:
    """The provider's review has ended, well or not; the shop hears of it."""
    account = box.find("account", "acc", account_id)
    accounts.move(box, account, accounts.ACTIVATED if _activated(fields(raw)) else "needs_clarification")
    return _shown(account)


@router.post("/transfers/{transfer_id}/settle")
async def settle(transfer_id: str, box: Box) -> JSONResponse:
    """The money has reached the account's bank."""
    transfer = box.find("transfer", "trf", transfer_id)
    transfers.settle(box, transfer)
    return answer(transfer)


@router.post("/transfers/{transfer_id}/fail")
async def fail(transfer_id: str, box: Box) -> JSONResponse:
    """It never gets there."""
    transfer = box.find("transfer", "trf", transfer_id)
    transfers.fail(box, transfer)
    return answer(transfer)


def state(box: Sandbox) -> Doc:
    """What is known of Route, for the operator's view of everything."""
    kinds = {"transfers": "transfer", "reversals": "reversal"}
    shown: Doc = {name: [public(doc) for doc in box.store.all(kind)] for name, kind in kinds.items()}
    return {**shown, "accounts": [_summary(account) for account in box.store.all("account")]}


def _activated(sent: Doc) -> bool:
    value: Any = sent.get("activated", True)
    if not isinstance(value, bool):
        raise refused("activated is true or false", "activated")
    return value


def _shown(account: Doc) -> JSONResponse:
    return JSONResponse(_summary(account))


def _summary(account: Doc) -> Doc:
    return {"id": account["id"], "name": account["contact_name"], "status": accounts.status(account)}
