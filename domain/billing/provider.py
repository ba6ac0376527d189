"""What the payment provider reports.

Callbacks, webhooks and polls are only signals that something may have happened; each ends in one fetch, and
nothing but what was fetched is decided on. So their order and number cannot matter.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.money import Paise

CURRENCY = "INR"


@dataclass(frozen=True, slots=True)
class ProviderOrder:
    """An order as the provider reports it; ``amount`` in paise."""

    order_id: str
    amount: Paise
    currency: str
    status: str
    receipt: str | None


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """One attempt to pay an order. ``status``: created, authorized, captured, refunded, failed (never terminal).

    ``fee``: what the provider keeps of it, its GST included; known once it is captured.
    """

    payment_id: str
    order_id: str | None
    amount: Paise
    currency: str
    status: str
    captured: bool
    amount_refunded: Paise
    method: str | None
    error: str | None
    created_at: int
    fee: Paise | None = None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """Money on its way back. ``status``: pending, processed, failed (even after it was processed)."""

    refund_id: str
    payment_id: str
    amount: Paise
    status: str
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything fetched about one order at one moment; the provider promises no order of its parts."""

    order: ProviderOrder
    payments: tuple[ProviderPayment, ...]
    refunds: tuple[ProviderRefund, ...] = ()

    def with_captured(self, captured: ProviderPayment) -> "OrderFacts":
        """The same after one of its payments, of all that the order asks for, was captured: such an order is paid."""
        payments = tuple(captured if each.payment_id == captured.payment_id else each for each in self.payments)
        return replace(self, order=replace(self.order, status="paid"), payments=payments)


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A customer asks the bank for the money. ``status``: open, under_review, won, lost, closed; ``respond_by`` in
    Unix seconds; ``amount_deducted`` is more than 0 only when it is lost."""

    dispute_id: str
    payment_id: str
    amount: Paise
    amount_deducted: Paise
    status: str
    phase: str | None
    reason: str | None
    respond_by: int | None


@dataclass(frozen=True, slots=True)
class ProviderSettlement:
    """Money that the provider paid to our bank; ``amount`` in paise, ``settled_at`` in Unix seconds."""

    settlement_id: str
    amount: Paise
    fees: Paise
    tax: Paise
    utr: str
    settled_at: int


@dataclass(frozen=True, slots=True)
class SettledItem:
    """A payment, refund or adjustment in a settlement, as the provider's reconciliation report has it.

    ``type`` is its word; ``fee`` holds the ``tax`` on it; the settlement holds ``credit`` less ``debit``.
    """

    settlement_id: str
    entity_id: str
    type: str
    payment_id: str | None
    dispute_id: str | None
    amount: Paise
    fee: Paise
    tax: Paise
    credit: Paise
    debit: Paise
    settled_at: int


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """Something may have happened to this order, refund, dispute or transfer. ``row``: the inbox row that said so.

    ``kind`` is the name of the booking's kind, "" when no booking is known. ``known`` is what was seen when the order
    was polled before; ``looks`` how often, for one that is over; ``age``: of an open one, in seconds.
    """

    booking_id: int | None = None
    order_id: str | None = None
    refund_key: str | None = None
    row: int | None = None
    dispute_id: str | None = None
    known: str | None = None
    looks: int = 0
    kind: str = ""
    age: float = 0.0
    transfer_id: str | None = None


@dataclass(frozen=True, slots=True)
class LatePaymentEvent:
    """Something happened to an order, a dispute or a transfer of a booking whose workflow may have ended."""

    kind: str
    booking_id: int
    order_id: str | None = None
    dispute_id: str | None = None
    transfer_id: str | None = None


class PaymentStatus(StrEnum):
    """The state of a payment on the wire."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class RefundStatus(StrEnum):
    """The state of a refund on the wire."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


def fingerprint(facts: OrderFacts) -> str:
    """How an order looks: two that are equal need not be looked at twice. Empty while nobody has tried to pay."""
    seen = (f"{p.payment_id} {p.status} {p.captured:d} {p.amount_refunded}" for p in facts.payments)
    return ", ".join(sorted(seen))


def moved_money(facts: OrderFacts) -> bool:
    """A payment of the order was authorised or captured."""
    return any(payment.captured or payment.status == "authorized" for payment in facts.payments)
