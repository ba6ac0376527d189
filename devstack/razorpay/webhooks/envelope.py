"""The body of an event, as the provider writes it - and as it writes it on a bad day."""

import json
from typing import Any

from devstack.razorpay.chaos import Chaos
from devstack.razorpay.store import Doc


def compose(event: str, entities: dict[str, Doc], account_id: str, now: int) -> Doc:
    """The envelope around snapshots of the entities, keys in the provider's order."""
    payload = {name: {"entity": _as_seen_in_events(event, name, entity)} for name, entity in entities.items()}
    body = {
        "entity": "event",
        "account_id": _account(entities) or account_id,
        "event": event,
        "contains": list(entities),
        "payload": payload,
        "created_at": now,
    }
    return _oddly_placed(event, body)


def _account(entities: dict[str, Doc]) -> str | None:
    """Events about a linked account come in its name."""
    return next((entity["merchant_id"] for entity in entities.values() if "merchant_id" in entity), None)


def _oddly_placed(event: str, body: Doc) -> Doc:
    """Some events are documented with a part in another place than all others have it."""
    if event == "refund.speed_changed":
        body["payload"]["created_at"] = body.pop("created_at")
    if event.startswith("product."):
        body["payload"]["merchant_product"]["data"] = []
    if event == "payment.dispute.action_required":
        body["payload"]["dispute"]["evidence"] = body["payload"]["dispute"]["entity"].pop("evidence")
    return body


def _as_seen_in_events(event: str, name: str, entity: Doc) -> Doc:
    """Payloads carry more keys than the API shows, and one order that is an internal shape."""
    if name == "payment" and event in {"payment.captured", "order.paid", "refund.created", "refund.processed"}:
        return {**entity, "base_amount": entity["amount"], "reward": None}
    if name == "order" and event == "order.paid":
        return {**entity, "description": None, "checkout": None}
    if name == "order" and event.startswith("payment_link."):
        return {**{key: value for key, value in entity.items() if key != "entity"}, "id": entity["id"][6:]}
    return dict(entity)


def bend(body: Doc, rule: Doc) -> Doc:
    """What the rule does to the content, before it is signed."""
    if rule.get("omit_account_id"):
        body.pop("account_id", None)
    for entity in [part["entity"] for part in body["payload"].values() if isinstance(part, dict)]:
        if rule.get("notes_as_list") and "notes" in entity:
            entity["notes"] = []
        if rule.get("authorized_snapshot_captured") and body["event"] == "payment.authorized":
            entity.update(status="captured", captured=True)
    return body


def render(body: Doc, rule: Doc) -> str:
    """The exact text that is signed: compact and in UTF-8, refund events with their keys in the alphabet's order."""
    escape = rule.get("escape") or ()
    escapes = {escape} if isinstance(escape, str) else set(escape)
    text = json.dumps(
        body,
        ensure_ascii="unicode" in escapes,
        sort_keys=body["event"].startswith("refund."),
        indent=4 if rule.get("pretty_print") else None,
        separators=(",", ": ") if rule.get("pretty_print") else (",", ":"),
    )
    return text.replace("/", "\\/") if "slashes" in escapes else text


def tamper(text: str) -> str:
    """The same event after somebody on the way raised the amount."""
    body = json.loads(text)
    entity = next(iter(body["payload"].values()))["entity"]
    entity["amount"] = entity.get("amount", 0) + 100
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def arrange(names: list[str], order: Any, chaos: Chaos) -> list[int]:
    """In which order the events of one operation go out: positions in ``names``."""
    places = list(range(len(names)))
    if order == "reverse":
        places.reverse()
    elif order == "shuffle":
        chaos.chance.shuffle(places)
    elif isinstance(order, list):
        places.sort(key=lambda place: order.index(names[place]) if names[place] in order else len(order))
    return places
