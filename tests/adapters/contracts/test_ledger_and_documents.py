"""The ledger in PostgreSQL against the documents of closed bookings: what a lost dispute took is no difference."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import text

from adapters.postgres.ledger import LedgerRows
from domain.billing.ledger import DifferenceKind
from domain.billing.provider import ProviderDispute, ProviderRefund, RefundStatus
from domain.commands import AdoptRefund, RecordDispute, RecordRefund
from tests.adapters.contracts.shops import RealShop, new_booking
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import BOTH_WITH_GST

DOCUMENT = text(
    "INSERT INTO documents (booking_id, kind, leg, sequence, number, issued_at, amount, facts)"
    " VALUES (:booking, :kind, 'service', 1, :number, :at, :amount, '{}')"
)
COMMISSION = text(
    "INSERT INTO documents (booking_id, kind, leg, sequence, number, issued_at, amount, facts)"
    " VALUES (:booking, 'invoice', 'commission', 1, 'LC-' || CAST(:booking AS bigint), now(), 17700,"
    " CAST(:facts AS jsonb))"
)
PAYOUT = text(
    "INSERT INTO payouts (booking_id, key, payee, amount, kept, state, created_at, details)"
    " VALUES (:booking, 'po', 'USR000009', 81876, 81876, 'held', now(), '{}')"
)


@dataclass(frozen=True)
class Span:
    since: datetime
    until: datetime


def lost(told: BookingBuilder, taken: int, payment_id: str) -> BookingBuilder:
    fact = ProviderDispute(f"disp_{told.booking.id}", payment_id, BOTH_WITH_GST, taken, "lost", None, None, None)
    return told.asks(RecordDispute(fact))


def paid(told: BookingBuilder, payment_id: str) -> BookingBuilder:
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    return told.order_opened().money_arrives(payment_id).documents_issued()


def lost_then_cancelled(told: BookingBuilder, payment_id: str) -> BookingBuilder:
    return lost(paid(told, payment_id), 100000, payment_id).cancelled()


def cancelled_then_lost(told: BookingBuilder, payment_id: str) -> BookingBuilder:
    return lost(paid(told, payment_id).cancelled().documents_issued(), 100000, payment_id)


def unwanted_and_lost(told: BookingBuilder, payment_id: str) -> BookingBuilder:
    told = paid(told, payment_id).money_returned("paid twice", f"{payment_id}_late").cancelled().documents_issued()
    return lost(told, BOTH_WITH_GST, f"{payment_id}_late")


def unwanted_lost_and_refunded_by_hand(told: BookingBuilder, payment_id: str) -> BookingBuilder:
    """The bank has taken all of it, and staff give a part back once more."""
    unwanted_and_lost(told, payment_id)
    by_hand = ProviderRefund(f"rfnd_{told.booking.id}", f"{payment_id}_late", 32450, "processed", None)
    return told.asks(AdoptRefund(by_hand))


@pytest.mark.parametrize(
    "course", [lost_then_cancelled, cancelled_then_lost, unwanted_and_lost, unwanted_lost_and_refunded_by_hand]
)
async def test_documents_and_ledger_agree_whenever_a_dispute_was_lost(database, day, course):
    told = new_booking(day)
    told = course(told, f"pay_{told.booking.id}").drop_assigned().brought_home().refunds_processed().documents_issued()
    booking = told.booking
    assert booking.closed_at is not None
    shop, ledger = RealShop(database), LedgerRows(database)
    span = Span(booking.updated_at, booking.updated_at)
    await shop.store.open(booking, "open")
    found = [each for each in await ledger.disagreements(span) if each.booking_id == booking.id]
    assert [each.kind for each in found] == [DifferenceKind.LEDGER_AND_DOCUMENTS], "no document is there yet"
    issued = [("invoice", each.number, each.issued_at, each.total) for each in booking.invoices]
    issued += [("credit-note", each.number, each.issued_at, each.amount) for each in booking.credit_notes]
    async with database.write.begin() as connection:
        for number, (kind, _, at, amount) in enumerate(issued):
            row = {"booking": booking.id, "kind": kind, "number": f"{booking.id}-{number}", "at": at, "amount": amount}
            await connection.execute(DOCUMENT, row)
    assert [each for each in await ledger.disagreements(span) if each.booking_id == booking.id] == []


async def test_a_refund_that_the_bank_has_failed_and_an_admin_has_to_retry_is_no_difference(database, day):
    """The credit note stands, for the money is owed still; who reconciles has nothing to correct in the books."""
    told = new_booking(day)
    told = paid(told, f"pay_{told.booking.id}").cancelled().drop_assigned().brought_home()
    booking = told.refunds_processed().documents_issued().booking
    assert booking.closed_at is not None
    (refund,) = booking.refunds
    told.asks(RecordRefund(refund.id, RefundStatus.FAILED, refund.refund_id, again=False))
    assert told.booking.refunds[0].needs_help
    shop, ledger = RealShop(database), LedgerRows(database)
    await shop.store.open(told.booking, "open")
    span = Span(told.booking.updated_at, told.booking.updated_at)
    assert [each for each in await ledger.disagreements(span) if each.booking_id == booking.id] == []


async def test_what_is_withheld_of_a_payout_is_invoiced_to_the_payee_and_is_no_difference(database, day):
    told = new_booking(day)
    told = paid(told, f"pay_{told.booking.id}").cancelled().drop_assigned().brought_home()
    booking = told.refunds_processed().documents_issued().booking
    ledger, span = LedgerRows(database), Span(booking.updated_at, booking.updated_at)
    await RealShop(database).store.open(booking, "open")
    issued = [("invoice", each.issued_at, each.total) for each in booking.invoices]
    issued += [("credit-note", each.issued_at, each.amount) for each in booking.credit_notes]

    async def differs() -> bool:
        return any(each.booking_id == booking.id for each in await ledger.disagreements(span))

    async with database.write.begin() as connection:
        for number, (kind, at, amount) in enumerate(issued):
            row = {"booking": booking.id, "kind": kind, "number": f"{booking.id}-{number}", "at": at, "amount": amount}
            await connection.execute(DOCUMENT, row)
        facts = '{"recipient": {"id": "USR000009"}}'
        await connection.execute(COMMISSION, {"booking": booking.id, "facts": facts})
    assert await differs()
    async with database.write.begin() as connection:
        await connection.execute(PAYOUT, {"booking": booking.id})
    assert not await differs()
