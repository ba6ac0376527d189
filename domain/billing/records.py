"""What a booking keeps about its money: payments, refunds, disputes, documents and the price of a cancellation.

Amounts are paise, times aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.children import Numbered
from domain.money import Paise
from domain.people import Actor


class Method(StrEnum):
    """How money comes in."""

    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(slots=True)
class Payment(Numbered):
    """Money asked for or taken: one row per online order, per collection of cash, per unexpected capture."""

    id: int
    leg: str
    method: Method
    amount: Paise
    status: PaymentStatus
    created_at: datetime
    order_id: str | None = None
    expires_at: datetime | None = None
    payment_id: str | None = None
    captured_at: datetime | None = None
    service_ids: tuple[int, ...] = ()
    superseded: bool = False
    spent: bool = False
    failed_attempts: tuple[str, ...] = ()
    collected_by: str | None = None

    @property
    def payable(self) -> bool:
        """Money that comes for it may be taken, also when its window is over."""
        return not self.superseded and not self.spent and self.status is not PaymentStatus.SUCCESS

    @property
    def live(self) -> bool:
        """An online order that the customer can pay now."""
        return self.method is Method.ONLINE and self.status is PaymentStatus.PENDING and not self.superseded


@dataclass(slots=True)
class Refund(Numbered):
    """Money to go back; one row per attempt. ``key`` is the provider's idempotency key.

    ``tries`` counts the attempts for the same money; one that failed is ``replaced`` by the next (or by what somebody
    else did). ``by_hand``: made in the provider's dashboard, so not ours to try again.
    """

    id: int
    payment_row: int
    payment_id: str
    amount: Paise
    reason: str
    key: str
    requested_at: datetime
    status: RefundStatus = RefundStatus.PENDING
    refund_id: str | None = None
    processed_at: datetime | None = None
    needs_help: bool = False
    tries: int = 1
    replaced: bool = False
    by_hand: bool = False

    @property
    def unsettled(self) -> bool:
        """We owe this money still."""
        return not self.replaced and not self.by_hand and self.status is not RefundStatus.PROCESSED


def is_open(status: str) -> bool:
    """Whether a dispute in this state is undecided; a state that we do not know is."""
    return status not in ("won", "closed", "lost")


@dataclass(slots=True)
class Dispute:
    """The customer asks the bank for the money of a payment; until the bank has decided no refund of it leaves."""

    dispute_id: str
    payment_id: str
    amount: Paise
    amount_deducted: Paise
    status: str
    phase: str | None
    reason: str | None
    respond_by: datetime | None
    since: datetime

    @property
    def open(self) -> bool:
        """The bank has not decided: a refund beside it could pay the customer twice."""
        return is_open(self.status)

    @property
    def unanswered(self) -> bool:
        """The bank waits for our evidence; once it has that the dispute is under review."""
        return self.open and self.status != "under_review"


@dataclass(frozen=True, slots=True)
class Invoice:
    """The tax invoice of a leg (service or fee)."""

    id: int
    leg: str
    number: str
    issued_at: datetime
    total: Paise


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes back an invoice, wholly or in part, in a series of its own."""

    number: str
    issued_at: datetime
    amount: Paise
    invoice_number: str


@dataclass(slots=True)
class Cancellation:
    """How and at what price a booking was given up; ``fee`` without GST."""

    fee: Paise
    gst_on_fee: Paise
    refund: Paise
    reason: str | None
    by: Actor
    at: datetime
