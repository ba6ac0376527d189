"""What every route needs: the box, the raw body, the fields in it, and who is asking."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import refused, too_little, unauthenticated
from devstack.razorpay.store import Doc, public

MINIMUM = 100
MAXIMUM = 1_000_000_000


async def _box(request: Request) -> Sandbox:
    return cast(Sandbox, request.app.state.box)


async def _raw(request: Request) -> bytes:
    return await request.body()


async def _rule(request: Request) -> Doc:
    return cast(Doc, request.scope.get("sandbox.rule", {}))


Box = Annotated[Sandbox, Depends(_box)]
RawBody = Annotated[bytes, Depends(_raw)]
Rule = Annotated[Doc, Depends(_rule)]


async def authenticated(request: Request, box: Box) -> None:
    """HTTP Basic with the account's key; the scheme is spelled exactly so."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise unauthenticated() from None
    expected = f"{box.config.key_id}:{box.config.key_secret}".encode()
    if scheme != "Basic" or not hmac.compare_digest(pair, expected):
        raise unauthenticated()


def answer(doc: Doc) -> JSONResponse:
    """200 with an entity."""
    return JSONResponse(public(doc))


def wished(request: Request) -> set[str]:
    """The values of ``expand[]``: what is returned in full instead of by its id."""
    return {word for name in ("expand[]", "expand") for word in request.query_params.getlist(name)}


def fields(raw: bytes) -> Doc:
    """The object that was sent; nothing at all is an empty one."""
    try:
        sent = json.loads(raw) if raw.strip() else {}
        json.dumps(sent, ensure_ascii=False, allow_nan=False).encode()  # lone surrogates and NaN cannot be sent on
    except (ValueError, RecursionError):
        raise refused("invalid request sent") from None
    if not isinstance(sent, dict):
        raise refused("invalid request sent")
    return sent


def only(sent: Doc, known: set[str]) -> None:
    """Refuse what the call does not take."""
    extra = [name for name in sent if name not in known]
    if extra:
        raise refused(f"{', '.join(extra)} is/are not required and should not be sent")


def amount(sent: Doc) -> int:
    """Integer minor units: no strings, no floats, no booleans, nothing under one rupee."""
    value = sent.get("amount")
    if value is None:
        raise refused("The amount field is required.", "amount")
    if type(value) is not int:
        raise refused("The amount must be an integer.", "amount")
    if value < MINIMUM:
        raise refused("The amount must be at least INR 1.00", "amount")
    if value > MAXIMUM:
        raise refused("Amount exceeds maximum amount allowed.", "amount")
    return value


def order_amount(sent: Doc) -> int:
    """The same for an order, which is refused in other words."""
    value = sent.get("amount")
    if value is None:
        raise refused("amount: is required.", "amount")
    if type(value) is int and value < MINIMUM:
        raise too_little()
    return amount(sent)


def currency(sent: Doc) -> str:
    """Three capital letters."""
    value = sent.get("currency")
    if not value:
        raise refused("The currency field is required.", "currency")
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise refused("Currency is not supported", "currency")
    return value


def short_text(sent: Doc, name: str) -> str | None:
    """A reference of at most forty characters."""
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise refused(f"The {name} must be a string.", name)
    if value is not None and len(value) > 40:
        raise refused(f"{name}: the length must be no more than 40.", name)
    return value


def choice(sent: Doc, name: str, known: tuple[str, ...]) -> str:
    """One of the allowed values; the first when the parameter is missing."""
    value = sent.get(name, known[0])
    if not isinstance(value, str) or value not in known:
        raise refused(f"The {name} must be {' or '.join(known)}.", name)
    return value


def notes(sent: Doc) -> Doc:
    """At most fifteen pairs of at most 256 characters; an empty list stands for none."""
    value = sent.get("notes") or {}
    if not isinstance(value, dict):
        raise refused("The notes field must be an array.", "notes")
    if len(value) > 15:
        raise refused("The notes may not have more than 15 items.", "notes")
    if any(len(str(key)) > 256 or len(str(text)) > 256 for key, text in value.items()):
        raise refused("The notes may not be greater than 256 characters.", "notes")
    return {str(key): text if isinstance(text, str | int) else str(text) for key, text in value.items()}


def collection(
    request: Request,
    box: Sandbox,
    rule: Doc,
    docs: list[Doc],
    usual: int = 10,
    shown: Callable[[Doc], Doc] = public,
) -> JSONResponse:
    """A page of a list, newest first; ``list_lag`` hides what is younger than that many seconds."""
    limits = {name: number(request, name) for name in ("from", "to", "count", "skip")}
    count = usual if limits["count"] is None else limits["count"]
    if count > 100:
        raise refused("The count may not be greater than 100.", "count")
    if count < 1:
        raise refused("The count must be at least 1.", "count")
    newest = box.clock.now() - float(rule.get("list_lag", 0))
    found = [
        doc
        for doc in reversed(docs)
        if (not rule.get("list_lag") or doc["created_at"] <= newest)
        and (limits["from"] is None or doc["created_at"] >= limits["from"])
        and (limits["to"] is None or doc["created_at"] <= limits["to"])
    ]
    skip = limits["skip"] or 0
    items = [shown(doc) for doc in found[skip : skip + count]]
    return JSONResponse({"entity": "collection", "count": len(items), "items": items})


def number(request: Request, name: str) -> int | None:
    """A parameter of the query that is a whole number, if it is there."""
    value: Any = request.query_params.get(name)
    if value is None:
        return None
    if not value.isdecimal():
        raise refused(f"The {name} must be an integer.", name)
    return int(value)
