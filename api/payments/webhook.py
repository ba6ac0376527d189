"""What the body of a webhook says, read without trust in its shape."""

from collections.abc import Mapping
from typing import Any

import orjson

from adapters.postgres.webhook_inbox import DELIVERED, PARKED, RECEIVED, WebhookMessage

_NO_NEWS = frozenset({"transfer.processed"})
"""Whoever made a transfer knows, and looks for one whose answer was lost."""


def read_webhook(raw: bytes, event_id: str | None, account_id: str | None = None) -> WebhookMessage:
    """What a signed body says; parked when it cannot be read, is another account's or names nothing to look at."""
    known = event_id if event_id and len(event_id) <= 100 else None
    try:
        body = orjson.loads(raw)
        event = _text(body, "event") or "unknown"
        payment, refund, order, dispute = (_entity(body, name) for name in ("payment", "refund", "order", "dispute"))
        transfer, product = _entity(body, "transfer"), _entity(body, "merchant_product")
    except (ValueError, TypeError):
        return WebhookMessage(event_id=known, event="unreadable", body=raw, state=PARKED)
    order_id = _text(payment, "order_id") or _text(order, "id")
    refund_id, dispute_id, transfer_id = _text(refund, "id"), _text(dispute, "id"), _text(transfer, "id")
    payee = _text(product, "merchant_id")
    # Some events carry no account; one that names another account was meant for another installation. What is about a
    # payee's account comes in its name.
    ours = account_id is None or payee is not None or _text(body, "account_id") in (None, account_id)
    if payee is not None or event in _NO_NEWS:
        state = DELIVERED  # storing it notes the account, and nobody else has to hear
    else:
        state = RECEIVED if (order_id or refund_id or dispute_id or transfer_id) and ours else PARKED
    return WebhookMessage(
        event_id=known,
        event=event,
        body=raw,
        order_id=order_id,
        payment_id=_text(payment, "id")
        or _text(refund, "payment_id")
        or _text(dispute, "payment_id")
        or _payment(_text(transfer, "source")),
        transfer_id=transfer_id,
        account_id=payee,
        refund_id=refund_id,
        dispute_id=dispute_id,
        receipt=_text(refund, "receipt"),
        state=state,
    )


def _payment(source: str | None) -> str | None:
    """A transfer comes of a payment, or of our balance."""
    return source if source is not None and source.startswith("pay_") else None


def _entity(body: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise TypeError("a webhook is an object")
    payload = body.get("payload")
    part = payload.get(name) if isinstance(payload, dict) else None
    entity = part.get("entity") if isinstance(part, dict) else None
    return entity if isinstance(entity, dict) else {}


def _text(entity: Any, name: str) -> str | None:
    value = entity.get(name) if isinstance(entity, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 200 and "\x00" not in value else None
