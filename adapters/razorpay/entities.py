"""What the provider's entities say, read into ours; unknown keys appear at will and are left alone."""

from typing import Any

from domain.billing.provider import (
    ProviderDispute,
    ProviderOrder,
    ProviderPayment,
    ProviderRefund,
    ProviderSettlement,
    SettledItem,
)

Answer = dict[str, Any]


def items_of(collection: Answer) -> list[Answer]:
    """The entities of a list."""
    return list(collection.get("items") or ())


def order_of(answer: Answer) -> ProviderOrder:
    """An order."""
    return ProviderOrder(
        order_id=answer["id"],
        amount=answer["amount"],
        currency=answer["currency"],
        status=answer["status"],
        receipt=answer.get("receipt"),
    )


def payment_of(answer: Answer) -> ProviderPayment:
    """A payment attempt."""
    return ProviderPayment(
        payment_id=answer["id"],
        order_id=answer.get("order_id"),
        amount=answer["amount"],
        currency=answer["currency"],
        status=answer["status"],
        captured=bool(answer.get("captured")),
        amount_refunded=answer.get("amount_refunded") or 0,
        method=answer.get("method"),
        error=answer.get("error_description") or answer.get("error_code"),
        created_at=answer["created_at"],
        fee=answer.get("fee"),
    )


def refund_of(answer: Answer) -> ProviderRefund:
    """A refund."""
    return ProviderRefund(
        refund_id=answer["id"],
        payment_id=answer["payment_id"],
        amount=answer["amount"],
        status=answer["status"],
        receipt=answer.get("receipt"),
    )


def dispute_of(answer: Answer) -> ProviderDispute:
    """A dispute."""
    return ProviderDispute(
        dispute_id=answer["id"],
        payment_id=answer["payment_id"],
        amount=answer["amount"],
        amount_deducted=answer.get("amount_deducted") or 0,
        status=answer["status"],
        phase=answer.get("phase"),
        reason=answer.get("reason_code"),
        respond_by=answer.get("respond_by"),
    )


def settlement_of(answer: Answer) -> ProviderSettlement:
    """A settlement."""
    return ProviderSettlement(
        settlement_id=answer["id"],
        amount=answer["amount"],
        fees=answer.get("fees") or 0,
        tax=answer.get("tax") or 0,
        utr=answer.get("utr") or "",
        settled_at=answer["created_at"],
    )


def settled_item_of(answer: Answer) -> SettledItem:
    """An item of the reconciliation report."""
    return SettledItem(
        settlement_id=answer["settlement_id"],
        entity_id=answer["entity_id"],
        type=answer["type"],
        payment_id=answer.get("payment_id"),
        dispute_id=answer.get("dispute_id"),
        amount=answer["amount"],
        fee=answer.get("fee") or 0,
        tax=answer.get("tax") or 0,
        credit=answer["credit"],
        debit=answer["debit"],
        settled_at=answer["settled_at"],
    )
