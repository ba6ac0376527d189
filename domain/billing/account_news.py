"""What the lists of the provider's account say that our bookings do not know.

The lists are the way to find what no webhook told, whatever it is about and however old the booking is: a payment of an
order that is long over, a refund made in the dashboard, a dispute. Only a difference is reported; the booking then
fetches the fact and decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.billing.disputes import dispute_record
from domain.billing.provider import (
    PaymentEvent,
    PaymentStatus,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    RefundStatus,
)
from domain.billing.records import Dispute, Payment, Refund
from domain.billing.refund_attempts import known_refund, refund_is_news


@dataclass(frozen=True, slots=True)
class BookingMoney:
    """What a booking knows of its money; ``kind`` is the name of its kind."""

    kind: str
    booking_id: int
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)


class KnownMoney:
    """The bookings that the entries of a page concern; an entry of no booking of ours is no news."""

    def __init__(self, bookings: Iterable[BookingMoney]) -> None:
        self._of_order: dict[str, BookingMoney] = {}
        self._of_payment: dict[str, BookingMoney] = {}
        for booking in bookings:
            for payment in booking.payments:
                if payment.order_id is not None:
                    self._of_order[payment.order_id] = booking
                if payment.payment_id is not None:
                    self._of_payment[payment.payment_id] = booking

    def payment_news(self, fact: ProviderPayment) -> PaymentEvent | None:
        """Money that came in or waits to be captured, or an attempt that failed, unknown to its booking."""
        booking = self._of_order.get(fact.order_id or "")
        if booking is None or not _payment_is_news(booking.payments, fact):
            return None
        return PaymentEvent(booking.booking_id, fact.order_id, kind=booking.kind)

    def refund_news(self, fact: ProviderRefund) -> PaymentEvent | None:
        """A refund that was made in the dashboard, or whose state its booking, or its own workflow, does not know."""
        booking = self._of_payment.get(fact.payment_id)
        if booking is None:
            return None
        known, key = known_refund(booking.refunds, fact), None
        if known is not None and known.status is RefundStatus.PENDING and not known.by_hand:
            if fact.status == RefundStatus.PENDING:
                return None
            key = known.key
        elif known is not None and not refund_is_news(known, fact):
            return None
        order_id = next(each.order_id for each in booking.payments if each.payment_id == fact.payment_id)
        return PaymentEvent(booking.booking_id, order_id, key, kind=booking.kind)

    def dispute_news(self, fact: ProviderDispute) -> PaymentEvent | None:
        """A dispute that its booking does not know, or knows in another state."""
        booking = self._of_payment.get(fact.payment_id)
        if booking is None or not _dispute_is_news(booking.disputes, fact):
            return None
        return PaymentEvent(booking.booking_id, dispute_id=fact.dispute_id, kind=booking.kind)


def _payment_is_news(payments: Iterable[Payment], fact: ProviderPayment) -> bool:
    known = list(payments)
    if any(each.payment_id == fact.payment_id and each.status is PaymentStatus.SUCCESS for each in known):
        return False
    if fact.captured:
        return fact.amount_refunded < fact.amount
    attempted = any(fact.payment_id in each.failed_attempts for each in known)
    if fact.status == "failed":
        return not attempted and any(each.live and each.order_id == fact.order_id for each in known)
    return fact.status == "authorized" and not attempted


def _dispute_is_news(disputes: Iterable[Dispute], fact: ProviderDispute) -> bool:
    """The provider knows another state of a dispute than we do, or one that we do not know at all."""
    known = next((each for each in disputes if each.dispute_id == fact.dispute_id), None)
    return known is None or known != dispute_record(fact, known.since)
