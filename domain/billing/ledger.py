"""The ledger: every paisa that came in or went out, and how it is held against what others say.

An entry is never changed or taken back. What turns out to be wrong is put right by a further entry, as book-keepers
do: the sum per reference is what counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.billing.payouts import Payout
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Dispute, Method, Payment, Refund
from domain.booking import Booking
from domain.money import Paise, rupees


class EntryKind(StrEnum):
    """Why money moved."""

    CAPTURE = "capture"
    CASH = "cash"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    TRANSFER = "transfer"
    """Passed on to a payee."""
    REVERSAL = "reversal"
    """Taken back from a payee."""
    FEE = "fee"
    """What the provider keeps of a payment: booked from its statement, for no booking decides anything by it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money of one booking that moved. ``amount`` in paise: in is positive, out negative.

    ``reference`` is the provider's id of the fact, or ours where it has none (cash); a fact counts once.
    """

    kind: EntryKind
    reference: str
    leg: str
    amount: Paise
    at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """One movement of money as a source has it: the ledger, or the provider (who knows orders and payments, not
    bookings)."""

    kind: EntryKind
    reference: str
    amount: Paise
    booking_id: int | None = None
    order_id: str | None = None
    payment_id: str | None = None

    def of(self, booking_id: int | None) -> "Fact":
        """The same, with the booking that it belongs to."""
        return replace(self, booking_id=booking_id)


class DifferenceKind(StrEnum):
    """What a reconciliation can find."""

    NOT_IN_LEDGER = "not-in-ledger"
    NOT_AT_PROVIDER = "not-at-provider"
    OTHER_AMOUNT = "other-amount"
    LEDGER_AND_BOOKING = "ledger-and-booking"
    LEDGER_AND_DOCUMENTS = "ledger-and-documents"
    ROW_AND_WORKFLOW = "row-and-workflow"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources that should agree and do not, in words that an admin can act on.

    ``booking_kind`` is that of the booking, "" while no booking is known.
    """

    kind: DifferenceKind
    reference: str
    booking_id: int | None
    detail: str
    booking_kind: str = ""


def compare(ledger: Iterable[Fact], provider: Iterable[Fact]) -> list[Difference]:
    """Each movement that only one side knows, or that they know with different amounts."""
    ours = {(fact.kind, fact.reference): fact for fact in ledger}
    theirs = {(fact.kind, fact.reference): fact for fact in provider}
    found = [_only_theirs(fact) for key, fact in theirs.items() if key not in ours]
    found += [_only_ours(fact) for key, fact in ours.items() if key not in theirs]
    found += [
        _unequal(fact, theirs[key]) for key, fact in ours.items() if key in theirs and theirs[key].amount != fact.amount
    ]
    return sorted(found, key=lambda difference: (difference.booking_id or 0, difference.reference))


def without_foreign_fees(ledger: Iterable[Fact], provider: Iterable[Fact]) -> list[Fact]:
    """The provider's facts without the fees of payments that the ledger does not have: those differ themselves."""
    captured = {fact.reference for fact in ledger if fact.kind is EntryKind.CAPTURE}
    return [fact for fact in provider if fact.kind is not EntryKind.FEE or fact.reference in captured]


def fees_to_book(ledger: Iterable[Fact], provider: Iterable[Fact]) -> list[Fact]:
    """The fees that the ledger does not have yet: the provider's statement is where they are known."""
    booked = {fact.reference for fact in ledger if fact.kind is EntryKind.FEE}
    return [fact for fact in provider if fact.kind is EntryKind.FEE and fact.reference not in booked]


def _only_theirs(fact: Fact) -> Difference:
    whose = f"booking {fact.booking_id}" if fact.booking_id else "no booking that we know"
    detail = f"the provider has a {fact.kind} of {rupees(abs(fact.amount))} for {whose}; the ledger does not"
    return Difference(DifferenceKind.NOT_IN_LEDGER, fact.reference, fact.booking_id, detail)


def _only_ours(fact: Fact) -> Difference:
    detail = f"the ledger has a {fact.kind} of {rupees(abs(fact.amount))}; the provider does not"
    return Difference(DifferenceKind.NOT_AT_PROVIDER, fact.reference, fact.booking_id, detail)


def _unequal(ours: Fact, theirs: Fact) -> Difference:
    detail = f"a {ours.kind}: {rupees(ours.amount)} in the ledger, {rupees(theirs.amount)} at the provider"
    return Difference(DifferenceKind.OTHER_AMOUNT, ours.reference, ours.booking_id, detail)


def entries(booking: Booking) -> tuple[Entry, ...]:
    """Every movement of this booking, each once, in the order in which it happened."""
    moved = [
        *(_came_in(payment) for payment in booking.payments if payment.status is PaymentStatus.SUCCESS),
        *(_went_out(booking, refund) for refund in booking.refunds if refund.status is RefundStatus.PROCESSED),
        *(_taken(booking, dispute) for dispute in booking.disputes if dispute.amount_deducted),
        *(entry for payout in booking.payouts if payout.made for entry in _passed_on(booking, payout)),
    ]
    return tuple(sorted(moved, key=lambda entry: (entry.at, entry.reference)))


def _came_in(payment: Payment) -> Entry:
    kind = EntryKind.CASH if payment.method is Method.OFFLINE else EntryKind.CAPTURE
    reference = payment.payment_id or f"cash-{payment.id}"
    return Entry(kind, reference, payment.leg, payment.amount, payment.captured_at or payment.created_at)


def _taken(booking: Booking, dispute: Dispute) -> Entry:
    leg = next((payment.leg for payment in booking.payments if payment.payment_id == dispute.payment_id), "service")
    return Entry(EntryKind.CHARGEBACK, dispute.dispute_id, leg, -dispute.amount_deducted, dispute.since)


def _passed_on(booking: Booking, payout: Payout) -> Iterator[Entry]:
    """A transfer that failed has moved nothing."""
    leg = next((payment.leg for payment in booking.payments if payment.id == payout.payment_row), "service")
    at = payout.transferred_at or payout.created_at
    yield Entry(EntryKind.TRANSFER, payout.transfer_id or payout.key, leg, -payout.amount, at)
    for each in payout.reversals:
        yield Entry(EntryKind.REVERSAL, each.reversal_id, leg, each.amount, each.at)


def _went_out(booking: Booking, refund: Refund) -> Entry:
    leg = next((payment.leg for payment in booking.payments if payment.id == refund.payment_row), "service")
    at = refund.processed_at or refund.requested_at
    return Entry(EntryKind.REFUND, refund.refund_id or refund.key, leg, -refund.amount, at)
