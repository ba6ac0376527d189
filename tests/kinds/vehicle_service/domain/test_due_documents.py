from dataclasses import replace

import pytest

from domain.attention import reasons_for_attention
from domain.billing.due_documents import DueDocument
from domain.billing.ledger import entries
from domain.billing.provider import ProviderDispute, ProviderRefund, RefundStatus
from domain.billing.records import CreditNote, Method
from domain.billing.refund_attempts import new_attempt
from domain.closing import due_document, due_together, is_complete, totals
from domain.commands import AdoptRefund, RecordDispute, RecordInvoice, RecordRefund, RetryRefund
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, BOTH_WITH_GST, OIL, POLICY
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every

CASH = Method.OFFLINE


def test_an_online_payment_owes_its_invoice_at_once_and_only_once():
    builder = estimate_ready().order_opened()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    builder.money_arrives()
    assert due_document(VEHICLE_SERVICE, builder.booking) == DueDocument("invoice", "service", BOTH_WITH_GST)
    assert due_document(VEHICLE_SERVICE, builder.documents_issued().booking) is None


def test_cash_owes_its_invoice_when_it_is_verified():
    assert due_document(VEHICLE_SERVICE, out_for_delivery(CASH).booking) is None
    assert due_document(VEHICLE_SERVICE, out_for_delivery(CASH).cash_verified().booking) == DueDocument(
        "invoice", "service", BOTH_WITH_GST
    )


def test_a_cancellation_after_the_invoice_owes_a_credit_note_over_what_goes_back():
    builder = in_progress().documents_issued().cancelled()
    number = builder.booking.invoices[0].number
    assert due_document(VEHICLE_SERVICE, builder.booking) == DueDocument(
        "credit-note", "service", BOTH_WITH_GST - 11800, number
    )
    assert due_document(VEHICLE_SERVICE, builder.documents_issued().booking) is None
    assert len(builder.booking.credit_notes) == 1


def test_a_cancellation_before_the_invoice_owes_one_over_the_fee_alone():
    builder = in_progress().cancelled()
    assert due_document(VEHICLE_SERVICE, builder.booking) == DueDocument("invoice", "fee", 11800)
    builder.documents_issued()
    assert [invoice.leg for invoice in builder.booking.invoices] == ["fee"]
    assert builder.booking.credit_notes == []


def test_a_fee_that_was_collected_gets_its_own_invoice():
    builder = estimate_ready().cancelled().drop_assigned()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    assert due_document(VEHICLE_SERVICE, builder.cash_verified().booking) == DueDocument("invoice", "fee", 11800)


def test_money_that_only_came_to_go_back_owes_no_document():
    builder = estimate_ready().order_opened().cancelled().money_returned().refunds_processed()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    builder = in_progress().documents_issued().money_returned("paid twice").refunds_processed()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None


def test_a_free_cancellation_is_finished_at_once():
    assert booked().cancelled().booking.closed_at is not None
    assert booked(WALK_IN).cancelled().booking.closed_at is not None


@pytest.mark.parametrize("method", Method)
def test_a_delivered_booking_closes_when_its_invoice_is_issued(method):
    builder = delivered(method)
    assert builder.booking.closed_at is None
    builder.documents_issued()
    assert builder.booking.closed_at == builder.timeline[-1].at


def test_a_cancelled_booking_closes_when_the_car_is_back_the_money_settled_and_the_books_done():
    builder = in_progress().documents_issued().work_reported(OIL).work_validated().cancelled()
    for step in (
        lambda: builder.drop_assigned(),
        lambda: builder.brought_home(),
        lambda: builder.documents_issued(),
    ):
        assert builder.booking.closed_at is None
        step()
    assert builder.booking.closed_at is None
    builder.refunds_processed()
    assert builder.booking.closed_at == builder.timeline[-1].at


def test_a_booking_that_is_not_at_its_end_is_not_finished():
    for builder in (booked, received, estimate_ready, in_progress, completed, out_for_delivery):
        assert not is_complete(VEHICLE_SERVICE, builder().booking)


CLOSED = {
    "delivered, closed",
    "cancelled at once",
    "cancelled on the way",
    "cancelled, closed",
    "walk-in cancelled at once",
}


@of_every(SITUATIONS)
def test_a_booking_is_closed_exactly_when_nothing_is_left_to_do(situation):
    booking = SITUATIONS[situation]().booking
    assert (booking.closed_at is not None) == is_complete(VEHICLE_SERVICE, booking) == (situation in CLOSED)


def test_a_closed_booking_stays_closed():
    builder = delivered().documents_issued()
    closed_at = builder.booking.closed_at
    assert builder.money_returned("paid twice").booking.closed_at == closed_at


def test_every_refund_after_an_invoice_makes_a_credit_note_of_its_own():
    booking = delivered().documents_issued().booking
    payment, number = booking.payments[-1], booking.invoices[0].number
    for sequence, amount in enumerate((50000, 25000), 1):
        booking.refunds.append(new_attempt(booking, payment, amount, "goodwill", payment.created_at))
        owed = due_document(VEHICLE_SERVICE, booking)
        assert owed == DueDocument("credit-note", "service", amount, number, sequence)
        booking.credit_notes.append(CreditNote(f"CN-{sequence}", payment.created_at, owed.amount, number))
        assert due_document(VEHICLE_SERVICE, booking) is None


def test_a_refund_that_failed_takes_nothing_back():
    booking = delivered().documents_issued().booking
    payment = booking.payments[-1]
    booking.refunds.append(new_attempt(booking, payment, 50000, "goodwill", payment.created_at))
    booking.refunds[-1].status = RefundStatus.FAILED
    assert due_document(VEHICLE_SERVICE, booking) is None


def disputed(status: str, taken: int = 0) -> RecordDispute:
    return RecordDispute(ProviderDispute("disp_1", "pay_1", BOTH_WITH_GST, taken, status, "chargeback", None, None))


@pytest.mark.parametrize("taken", [100, 100000, BOTH_WITH_GST - 11800, BOTH_WITH_GST - 5000, BOTH_WITH_GST])
@pytest.mark.parametrize("at_once", [True, False], ids=["documents at once", "documents in the end"])
def test_what_is_credited_is_the_same_whether_the_loss_of_a_dispute_or_the_cancellation_came_first(taken, at_once):
    steps = {
        "opened": lambda builder: builder.asks(disputed("open")),
        "lost": lambda builder: builder.asks(disputed("lost", taken)),
        "cancelled": lambda builder: builder.cancelled(),
    }
    for order in (("opened", "lost", "cancelled"), ("opened", "cancelled", "lost"), ("cancelled", "opened", "lost")):
        builder = in_progress().documents_issued()
        for step in order:
            steps[step](builder)
            if at_once:
                builder.documents_issued()
        builder.refunds_processed().documents_issued()
        assert sum(note.amount for note in builder.booking.credit_notes) == BOTH_WITH_GST - 11800, order
        assert {note.invoice_number for note in builder.booking.credit_notes} == {builder.booking.invoices[0].number}


def test_a_lost_dispute_takes_no_invoice_back_where_the_work_was_done():
    builder = delivered().documents_issued().asks(disputed("lost", BOTH_WITH_GST))
    assert due_document(VEHICLE_SERVICE, builder.booking) is None


def test_a_fee_that_staff_gave_back_by_hand_is_credited_as_well():
    builder = in_progress().documents_issued().cancelled().refunds_processed().documents_issued()
    by_hand = ProviderRefund("rfnd_hand", "pay_1", 11800, "processed")
    builder.asks(AdoptRefund(by_hand)).documents_issued()
    assert [note.amount for note in builder.booking.credit_notes] == [BOTH_WITH_GST - 11800, 11800]


@pytest.mark.parametrize("status", ["processed", "pending"])
def test_a_refund_by_hand_that_the_bank_failed_after_its_credit_note_is_invoiced_again_and_calls_an_admin(status):
    builder = delivered().documents_issued()
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", BOTH_WITH_GST, status))).documents_issued()
    assert documents(builder) == [("invoice", BOTH_WITH_GST), ("credit-note", BOTH_WITH_GST)]
    builder.asks(RecordRefund(builder.booking.refunds[-1].id, RefundStatus.FAILED, "rfnd_hand"))
    assert due_document(VEHICLE_SERVICE, builder.booking) == DueDocument(
        "invoice", "service", BOTH_WITH_GST, sequence=2
    )
    builder.documents_issued()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    assert balance(builder) == sum(entry.amount for entry in entries(builder.booking)) == BOTH_WITH_GST
    reasons = reasons_for_attention(VEHICLE_SERVICE, builder.booking)
    assert reasons[-1].endswith("of pay_1: the money is ours again")


def test_a_refund_by_hand_after_one_that_failed_is_credited_under_a_sequence_of_its_own():
    builder = delivered().documents_issued()
    for number in (1, 2):
        by_hand = ProviderRefund(f"rfnd_{number}", "pay_1", BOTH_WITH_GST, "processed")
        builder.asks(AdoptRefund(by_hand))
        owed = due_document(VEHICLE_SERVICE, builder.booking)
        newest = builder.booking.invoices[-1].number
        assert owed == DueDocument("credit-note", "service", BOTH_WITH_GST, newest, number)
        builder.documents_issued()
        assert balance(builder) == sum(entry.amount for entry in entries(builder.booking)) == 0
        builder.asks(RecordRefund(builder.booking.refunds[-1].id, RefundStatus.FAILED, by_hand.refund_id))
        builder.documents_issued()
    assert [invoice.total for invoice in builder.booking.invoices] == [BOTH_WITH_GST] * 3


@pytest.mark.parametrize("sent_again", [True, False], ids=["sent again", "as bookings of before had it"])
def test_half_of_what_was_refunded_by_hand_fails_beside_a_refund_of_ours_that_is_owed(sent_again):
    builder = in_progress().documents_issued()
    builder.booking.policy = replace(POLICY, failed_by_hand_is_sent=sent_again)
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", 50000, "processed"))).documents_issued()
    by_hand = builder.booking.refunds[-1]
    builder.cancelled().documents_issued()
    ours = builder.booking.refunds[-1]
    builder.asks(RecordRefund(ours.id, RefundStatus.FAILED, None, needs_help=True))
    assert due_document(VEHICLE_SERVICE, builder.booking) is None, "what we owe is not invoiced again"
    builder.asks(RecordRefund(by_hand.id, RefundStatus.FAILED, "rfnd_hand"))
    kept = DueDocument("invoice", "service", 50000, sequence=2)
    assert due_document(VEHICLE_SERVICE, builder.booking) == (None if sent_again else kept)
    builder.documents_issued().asks(RetryRefund(ADMIN, ours.id)).refunds_processed().documents_issued()
    stays = 11800 if sent_again else 50000 + 11800
    assert balance(builder) == sum(entry.amount for entry in entries(builder.booking)) == stays


def test_a_refund_by_hand_in_the_place_of_ours_that_the_bank_fails_is_sent_by_us():
    builder = in_progress().cancelled().documents_issued()
    [ours] = builder.booking.refunds
    builder.asks(RecordRefund(ours.id, RefundStatus.FAILED, None, needs_help=True))
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", ours.amount, "processed"))).documents_issued()
    assert not any(refund.unsettled for refund in builder.booking.refunds)
    builder.asks(RecordRefund(builder.booking.refunds[-1].id, RefundStatus.FAILED, "rfnd_hand"))
    newest = builder.booking.refunds[-1]
    assert (newest.amount, newest.status, newest.by_hand) == (ours.amount, "pending", False)
    assert builder.booking.attention[-1].endswith("it is refunded by us")
    builder.refunds_processed().documents_issued()
    assert documents(builder) == [("invoice", 11800)]
    assert balance(builder) == sum(entry.amount for entry in entries(builder.booking)) == 11800


def test_what_was_credited_for_a_refund_of_which_less_was_made_in_the_end_is_invoiced_again():
    builder = in_progress().documents_issued().cancelled().documents_issued()
    [ours] = builder.booking.refunds
    builder.asks(RecordRefund(ours.id, RefundStatus.PENDING, "rfnd_1"))
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", 11800, "processed"))).documents_issued()
    assert balance(builder) == 0, "as long as both count as leaving"
    builder.asks(RecordRefund(ours.id, RefundStatus.FAILED, "rfnd_1", again=True))
    assert due_document(VEHICLE_SERVICE, builder.booking) == DueDocument("invoice", "service", 11800, sequence=2)
    builder.documents_issued().refunds_processed()
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    assert balance(builder) == sum(entry.amount for entry in entries(builder.booking)) == 11800


def balance(builder: BookingBuilder) -> int:
    booking = builder.booking
    return sum(each.total for each in booking.invoices) - sum(note.amount for note in booking.credit_notes)


def documents(builder: BookingBuilder) -> list[tuple[str, int]]:
    booking = builder.booking
    notes = [("credit-note", note.amount) for note in booking.credit_notes]
    return [*(("invoice", each.total) for each in booking.invoices), *notes]


@pytest.mark.parametrize("is_loss", [True, False], ids=["our loss", "as bookings of before had it"])
def test_what_bank_and_staff_gave_back_of_money_paid_twice_is_not_asked_of_the_customer(is_loss):
    builder = in_progress().documents_issued()
    builder.booking.policy = replace(POLICY, loss_is_not_due=is_loss)
    builder.money_returned("paid twice", "pay_2")
    lost = ProviderDispute("disp_2", "pay_2", BOTH_WITH_GST, BOTH_WITH_GST, "lost", None, None, None)
    builder.asks(RecordDispute(lost))
    assert totals(VEHICLE_SERVICE, builder.booking).due == 0
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_2", 32450, "processed")))
    assert totals(VEHICLE_SERVICE, builder.booking).due == (0 if is_loss else 32450)
    assert builder.booking.attention[-1] == "324.50 of pay_2 was refunded in the provider's dashboard"


@pytest.mark.parametrize("is_asked", [False, True], ids=["as it should be", "as bookings of before had it"])
def test_what_staff_gave_back_of_money_paid_twice_is_not_asked_of_the_customer_while_the_rest_waits(is_asked):
    builder = in_progress().documents_issued()
    builder.booking.policy = replace(POLICY, unwanted_is_not_due=not is_asked)
    builder.money_returned("paid twice", "pay_2")
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", "pay_2", 32450, "processed")))
    costs = totals(VEHICLE_SERVICE, builder.booking)
    assert (costs.refunded, costs.due) == (32450, 32450 if is_asked else 0)
    builder.refunds_processed()
    costs = totals(VEHICLE_SERVICE, builder.booking)
    assert (costs.paid, costs.refunded, costs.due) == (2 * BOTH_WITH_GST, BOTH_WITH_GST, 0)


@of_every(SITUATIONS)
def test_documents_that_are_numbered_together_are_those_that_would_be_one_by_one(situation):
    builder, given, alone = SITUATIONS[situation](), [], []
    together = due_together(VEHICLE_SERVICE, builder.booking, builder.now)
    while (due := due_document(VEHICLE_SERVICE, builder.booking)) is not None and due.invoice_number not in given:
        alone.append(due)
        given.append(f"RC/26-27/9{len(given):05d}")
        builder.asks(RecordInvoice(due.kind, 900 + len(given), due.leg, given[-1], due.amount, due.invoice_number))
    assert together == alone
