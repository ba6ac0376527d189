"""The state of a booking as the engine knows it; each kind extends it.

One serialisable object: the workflow owns it; the projection, the query, continue-as-new and the tests read the same
fields. Amounts are paise, times aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.billing.payouts import Payout, PayoutTerms
from domain.billing.records import Cancellation, CreditNote, Dispute, Invoice, Method, Payment, Refund
from domain.children import CHILDREN_PER_BOOKING, child_id
from domain.errors import TooMany
from domain.money import Paise
from domain.people import Actor


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; a snapshot."""

    id: int | None
    label: str | None
    line1: str
    line2: str | None
    area: str | None
    pincode: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose booking it is. Name, phone and e-mail address are not kept here: they are looked up when they are needed.

    ``gstin`` and ``billed_as`` are a registered business's, ``address`` is the one on record of a customer for whom
    nothing is fetched or brought.
    """

    id: str
    gstin: str | None = None
    billed_as: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the timeline. ``status`` and ``action`` are text once they were stored: compare with ``==``."""

    version: int
    status: str
    action: str
    by: Actor
    at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HourlyCount:
    """How often something was asked of the booking in the hour that began ``since`` then."""

    since: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTerms:
    """The rates and windows that held when the booking was made; each kind adds its own.

    ``supply_state`` is the GST code of the place of supply; bookings made before there was one are the supplier's.
    ``dispute_reminder``: so long before the answer to a dispute is due an admin is reminded of it, if at all.
    ``credit_is_corrected``: what was credited too much is invoiced again, whatever the reason; of bookings that were
    made before there was this, only for a refund by hand that the bank failed.
    ``failed_by_hand_is_sent``: what is owed of a refund by hand that the bank failed is sent by us; of bookings that
    were made before there was this, only money that was never wanted.
    ``loss_is_not_due``: what went back twice of unwanted money, by the bank for a dispute and by a refund, is not asked
    of the customer; of bookings that were made before, it is.
    ``unwanted_is_not_due``: what has gone back of unwanted money, while more of it is to go back, is not asked of the
    customer; of bookings that were made before, it is.
    ``payouts``: how patient the engine is with money that is passed on to others; None: as it usually is.
    """

    gst_percent: Decimal
    round_to_rupee: bool = False
    same_state: bool = True
    timezone: str = "Asia/Kolkata"
    supply_state: str | None = None
    dispute_reminder: timedelta | None = None
    credit_is_corrected: bool = False
    failed_by_hand_is_sent: bool = False
    loss_is_not_due: bool = False
    unwanted_is_not_due: bool = False
    payouts: PayoutTerms | None = None

    def payout_terms(self) -> PayoutTerms:
        """How patient the engine is; a kind whose terms are windows of its own answers with those."""
        return self.payouts or PayoutTerms()


RULES_OF_TODAY: dict[str, Any] = {
    "credit_is_corrected": True,
    "failed_by_hand_is_sent": True,
    "loss_is_not_due": True,
    "unwanted_is_not_due": True,
}
"""Terms of every new booking, of whatever kind: rules that were mended, which bookings of before keep as they were."""


@dataclass(slots=True, kw_only=True)
class Booking:
    """What every booking has, whatever its kind. ``gst_percent``: the rate once it is agreed on."""

    id: int
    customer: Customer
    policy: PolicyTerms
    created_at: datetime
    status: str
    version: int = 0
    updated_at: datetime | None = None
    since: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    gst_percent: Decimal | None = None
    method: Method | None = None
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    cancellation: Cancellation | None = None
    attention: list[str] = field(default_factory=list)
    alerted: list[str] = field(default_factory=list)
    notice_counts: dict[str, int] = field(default_factory=dict)
    children: int = 0
    hourly_counts: dict[str, HourlyCount] = field(default_factory=dict)
    recent: list[Event] = field(default_factory=list)

    @property
    def rate(self) -> Decimal:
        """GST in percent: the rate agreed on, until then the one known when the booking was made."""
        return self.gst_percent if self.gst_percent is not None else self.policy.gst_percent

    @property
    def event(self) -> Event:
        """The newest timeline entry."""
        return self.recent[-1]

    def live_order(self) -> Payment | None:
        """The one order that the customer can pay now."""
        return next((payment for payment in reversed(self.payments) if payment.live), None)

    def on_hold(self, payment_id: str) -> bool:
        """A dispute keeps the money of this payment where it is."""
        return any(dispute.payment_id == payment_id and dispute.open for dispute in self.disputes)

    def decided_disputes(self, payment_id: str) -> tuple[str, ...]:
        """Disputes of this payment that are recorded as decided: what they took is not in its refunds any more."""
        return tuple(each.dispute_id for each in self.disputes if each.payment_id == payment_id and not each.open)

    def charged_back(self, payment_id: str | None) -> Paise:
        """What the bank took of this payment for disputes that were lost."""
        return sum(dispute.amount_deducted for dispute in self.disputes if dispute.payment_id == payment_id)

    def next_child(self) -> int:
        """A new id for a report, assignment, payment, refund ... of this booking.

        Raises:
            TooMany: the booking has as many as it can have.
        """
        if self.children + 1 >= CHILDREN_PER_BOOKING:
            raise TooMany(f"booking {self.id} has too many entries of its own; nothing can be added any more")
        self.children += 1
        return child_id(self.id, self.children)
