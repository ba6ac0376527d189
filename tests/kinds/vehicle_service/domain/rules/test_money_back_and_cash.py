from datetime import UTC, datetime

import pytest

from domain.billing.ledger import entries
from domain.billing.provider import ProviderDispute, RefundStatus
from domain.billing.records import Method
from domain.closing import has_open_items
from domain.commands import RecordDispute, RecordInvoice, RecordRefund, RetryRefund, ReturnMoney
from domain.errors import ActionNotAllowed, AmountMismatch, NotFound, NothingPending, NotYours, RoleRequired
from kinds.vehicle_service.domain.cancellation_fee import cancellation_quote
from kinds.vehicle_service.domain.commands import Assign, ChooseCash, VerifyCash
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.pricing import is_paid, totals
from kinds.vehicle_service.domain.rules.paying import is_wanted
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    booked,
    captured,
    completed,
    delivered,
    estimate_ready,
    in_progress,
    out_for_delivery,
)
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ALL_ROUNDER,
    ASHA,
    BOTH_WITH_GST,
    RAVI,
    actor,
)

ONLINE, CASH = Method.ONLINE, Method.OFFLINE


# Money that goes back


def test_money_that_is_not_wanted_goes_back_whole():
    builder = estimate_ready().order_opened().cancelled().money_returned("the booking was cancelled")
    (refund,) = builder.booking.refunds
    row = builder.booking.payments[-1]
    assert (refund.amount, refund.payment_id, refund.status) == (BOTH_WITH_GST, "pay_late", "pending")
    assert refund.payment_row == row.id
    assert (row.status, row.superseded, row.spent) == ("success", True, True)
    assert builder.booking.status == "cancelled"


def test_every_refund_has_a_key_of_its_own_that_its_retries_repeat():
    builder = in_progress().money_returned("paid twice", "pay_2").money_returned("paid thrice", "pay_3").cancelled()
    keys = [refund.key for refund in builder.booking.refunds]
    assert len(set(keys)) == 3
    assert keys[:2] == ["late-pay_2", "late-pay_3"]
    assert keys[2].startswith("rf-1021-")
    assert [refund.key for refund in builder.refunds_processed().booking.refunds] == keys


def test_wrong_captured_money_spends_its_order_and_the_next_choice_makes_a_new_one():
    builder = estimate_ready().order_opened()
    builder.asks(ReturnMoney(captured(builder.live_order, "pay_odd", amount=100), "wrong amount"))
    assert builder.booking.live_order() is None
    assert not is_wanted(builder.booking, builder.booking.payments[0])
    assert builder.booking.refunds[0].amount == 100
    assert builder.order_opened().money_arrives().booking.status == "in-progress"


def test_a_second_capture_goes_back_and_leaves_the_first_alone():
    builder = in_progress().money_returned("paid twice")
    first, second = builder.booking.payments
    assert (first.status, first.spent) == ("success", False)
    assert (second.status, second.spent) == ("success", True)
    assert builder.booking.status == "in-progress"
    assert totals(builder.booking).due == 0


def test_money_on_its_way_back_never_counts_as_paid():
    builder = estimate_ready().order_opened()
    order = builder.live_order
    builder.cash_agreed().money_returned("the customer chose cash", order=order)
    assert (totals(builder.booking).paid, totals(builder.booking).due) == (0, BOTH_WITH_GST)
    builder.refunds_processed()
    amounts = totals(builder.booking)
    assert (amounts.paid, amounts.refunded, amounts.due) == (BOTH_WITH_GST, BOTH_WITH_GST, BOTH_WITH_GST)


def test_what_became_of_a_refund_is_recorded():
    builder = in_progress().cancelled()
    row = builder.booking.refunds[0].id
    builder.asks(RecordRefund(row, RefundStatus.FAILED, None, needs_help=True, note="low balance"))
    assert (builder.booking.refunds[0].needs_help, builder.booking.event.note) == (True, "low balance")
    builder.asks(RecordRefund(row, RefundStatus.PROCESSED, "rfnd_1"))
    done = builder.booking.refunds[0]
    assert (done.status, done.refund_id, done.needs_help) == ("processed", "rfnd_1", False)
    assert done.processed_at == builder.timeline[-1].at


def test_the_number_of_a_refund_is_not_forgotten():
    builder = in_progress().cancelled()
    row = builder.booking.refunds[0].id
    builder.asks(RecordRefund(row, RefundStatus.PENDING, "rfnd_1")).asks(
        RecordRefund(row, RefundStatus.PROCESSED, None)
    )
    assert builder.booking.refunds[0].refund_id == "rfnd_1"


def test_a_refund_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        in_progress().asks(RecordRefund(1, RefundStatus.PROCESSED, "rfnd_1"))


# Disputes

FEE_WITH_GST = 11800


def dispute(status: str, deducted: int = 0, payment_id: str = "pay_1") -> RecordDispute:
    fact = ProviderDispute("disp_1", payment_id, BOTH_WITH_GST, deducted, status, "chargeback", None, None)
    return RecordDispute(fact)


def owed(builder) -> list[int]:
    return [refund.amount for refund in builder.booking.refunds if refund.unsettled]


@pytest.mark.parametrize(
    ("taken", "refund"),
    [(BOTH_WITH_GST, 0), (BOTH_WITH_GST - 5000, 0), (100000, BOTH_WITH_GST - 100000 - FEE_WITH_GST)],
)
def test_what_a_lost_dispute_took_is_not_promised_again_by_a_cancellation(taken, refund):
    builder = in_progress().documents_issued().asks(dispute("lost", taken))
    assert cancellation_quote(builder.booking).refund == refund
    builder.cancelled()
    assert builder.booking.cancellation.refund == refund
    assert owed(builder) == ([refund] if refund else [])
    assert not builder.booking.on_hold("pay_1")
    builder.refunds_processed().documents_issued()
    assert is_paid(builder.booking)
    assert not has_open_items(VEHICLE_SERVICE, builder.booking)
    assert sum(entry.amount for entry in entries(builder.booking)) == BOTH_WITH_GST - taken - refund
    assert sum(note.amount for note in builder.booking.credit_notes) == BOTH_WITH_GST - FEE_WITH_GST


@pytest.mark.parametrize("status", ["won", "closed"])
def test_a_dispute_that_took_nothing_leaves_the_refund_whole(status):
    builder = in_progress().asks(dispute("open")).cancelled()
    assert builder.booking.on_hold("pay_1")
    builder.asks(dispute(status))
    assert not builder.booking.on_hold("pay_1")
    assert owed(builder) == [BOTH_WITH_GST - FEE_WITH_GST]


@pytest.mark.parametrize("taken", [BOTH_WITH_GST, BOTH_WITH_GST - FEE_WITH_GST, 100000])
def test_a_refund_that_waits_shrinks_by_what_the_bank_took_when_the_dispute_is_lost(taken):
    builder = in_progress().asks(dispute("open")).cancelled().asks(dispute("lost", taken))
    rest = max(0, BOTH_WITH_GST - FEE_WITH_GST - taken)
    assert owed(builder) == ([rest] if rest else [])
    assert len({refund.key for refund in builder.booking.refunds}) == len(builder.booking.refunds)
    for refund in [each for each in builder.booking.refunds if each.unsettled]:
        builder.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, "rfnd_rest"))
    builder.documents_issued()
    assert is_paid(builder.booking)
    assert not has_open_items(VEHICLE_SERVICE, builder.booking)
    assert sum(entry.amount for entry in entries(builder.booking)) == BOTH_WITH_GST - taken - rest


def test_only_the_rest_is_owed_when_the_bank_took_some_and_staff_gave_some_back_by_hand():
    builder = in_progress().asks(dispute("open")).cancelled().asks(dispute("lost", 100000))
    refund = next(each for each in builder.booking.refunds if each.unsettled)
    left = BOTH_WITH_GST - 100000 - 50000
    builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, None, left=left))
    assert owed(builder) == [BOTH_WITH_GST - FEE_WITH_GST - 100000 - 50000]
    assert builder.booking.attention[-1].endswith("the rest went back by hand, or the bank took it")


def test_a_refund_that_has_left_before_the_dispute_was_lost_is_still_followed():
    builder = in_progress().cancelled()
    [refund] = builder.booking.refunds
    builder.asks(RecordRefund(refund.id, RefundStatus.PENDING, "rfnd_1")).asks(dispute("lost", BOTH_WITH_GST))
    builder.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, "rfnd_1"))
    assert sum(entry.amount for entry in entries(builder.booking)) == -refund.amount


def test_unwanted_money_that_the_bank_took_back_pays_for_nothing():
    builder = estimate_ready().order_opened()
    order = builder.live_order
    builder.cash_agreed().money_returned("the customer chose cash", order=order)
    builder.asks(dispute("lost", BOTH_WITH_GST, "pay_late"))
    assert (totals(builder.booking).paid, totals(builder.booking).due) == (0, BOTH_WITH_GST)


def test_a_refund_that_a_dispute_holds_cannot_be_tried():
    builder = in_progress().asks(dispute("open")).cancelled()
    again = RetryRefund(ADMIN, builder.booking.refunds[0].id)
    with pytest.raises(NothingPending, match="dispute"):
        builder.asks(again)
    assert builder.asks(dispute("won")).asks(again).booking.event.action == "retry-refund"


# Cash at the end


def test_verified_cash_must_be_the_amount_due_to_the_paisa():
    for wrong in (BOTH_WITH_GST - 1, BOTH_WITH_GST + 1, 0):
        with pytest.raises(AmountMismatch) as refusal:
            out_for_delivery(CASH).asks(VerifyCash(actor(RAVI), wrong))
        assert refusal.value.data == {"due": "2950.00"}
    builder = out_for_delivery(CASH).asks(VerifyCash(actor(RAVI), BOTH_WITH_GST))
    (payment,) = builder.booking.payments
    assert (payment.status, payment.collected_by, payment.amount) == ("success", RAVI.id, BOTH_WITH_GST)
    assert totals(builder.booking).due == 0
    assert builder.booking.status == "out-for-delivery"


def test_collection_may_be_opened_first_and_again():
    builder = out_for_delivery(CASH).collection_opened().collection_opened()
    assert (builder.booking.collection_open, builder.booking.event.action) == (True, "open-collection")
    assert builder.cash_verified().booking.collection_open is False


@pytest.mark.parametrize(
    "request_of", [lambda who: VerifyCash(who, BOTH_WITH_GST), ChooseCash], ids=["verify", "open collection"]
)
def test_only_the_drop_mechanic_or_an_admin_collects(request_of):
    with pytest.raises(NotYours):
        out_for_delivery(CASH).asks(request_of(actor(ALL_ROUNDER)))
    with pytest.raises(RoleRequired):
        out_for_delivery(CASH).asks(request_of(ASHA))
    assert out_for_delivery(CASH).asks(request_of(ADMIN)).booking.status is VisitStatus.OUT_FOR_DELIVERY


@pytest.mark.parametrize("request_of", [lambda who: VerifyCash(who, 0), ChooseCash], ids=["verify", "open collection"])
def test_where_nothing_is_due_nothing_is_collected(request_of):
    for who in (ADMIN, actor(RAVI)):
        with pytest.raises(ActionNotAllowed, match="nothing is due"):
            out_for_delivery(ONLINE).asks(request_of(who))
        with pytest.raises(ActionNotAllowed, match="nothing is due"):
            out_for_delivery(CASH).cash_verified().asks(request_of(who))


@pytest.mark.parametrize("builder", [booked, estimate_ready, lambda: in_progress(CASH), lambda: delivered(CASH)])
def test_cash_is_not_collected_before_the_work_is_done_or_after_the_car_is_home(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(VerifyCash(ADMIN, BOTH_WITH_GST))


def test_the_shop_takes_the_cash_of_a_walk_in():
    builder = completed(CASH, WALK_IN).cash_verified(ADMIN)
    assert (builder.booking.status, totals(builder.booking).due) == ("completed", 0)


def test_on_the_way_back_of_a_cancelled_car_the_fee_is_collected():
    builder = estimate_ready().cancelled().drop_assigned().collection_opened().cash_verified()
    (payment,) = builder.booking.payments
    assert (payment.leg, payment.method, payment.amount, payment.status) == ("fee", CASH, 11800, "success")
    assert builder.booking.method is CASH


def test_a_mechanic_without_the_job_collects_no_fee():
    with pytest.raises(ActionNotAllowed, match="no mechanic is assigned"):
        estimate_ready().cancelled().asks(VerifyCash(actor(RAVI), 11800))


def test_a_new_drop_mechanic_collects_instead_of_the_first():
    builder = out_for_delivery(CASH).asks(Assign(ADMIN, Job.DROP, ALL_ROUNDER))
    with pytest.raises(NotYours):
        builder.asks(VerifyCash(actor(RAVI), BOTH_WITH_GST))
    assert builder.cash_verified().booking.payments[0].collected_by == ALL_ROUNDER.id


# The books


def test_the_books_number_invoices_and_credit_notes():
    builder = in_progress().asks(RecordInvoice("invoice", 9, "service", "RC/26-27/000001", BOTH_WITH_GST))
    (invoice,) = builder.booking.invoices
    assert (invoice.number, invoice.total, builder.booking.event.note) == (
        "RC/26-27/000001",
        BOTH_WITH_GST,
        "RC/26-27/000001",
    )
    builder.cancelled().asks(RecordInvoice("credit-note", 1, "service", "CN/26-27/000001", 283200, "RC/26-27/000001"))
    (note,) = builder.booking.credit_notes
    assert (note.number, note.amount, note.invoice_number) == ("CN/26-27/000001", 283200, "RC/26-27/000001")


def test_the_booking_keeps_the_date_that_is_printed_however_late_it_hears_of_the_document():
    printed = datetime(2026, 3, 31, 18, 29, tzinfo=UTC)
    told = RecordInvoice("invoice", 9, "service", "RC-2526-000001", BOTH_WITH_GST, issued_at=printed)
    assert in_progress().asks(told).booking.invoices[0].issued_at == printed
