from dataclasses import replace

import pytest

from domain.billing.provider import RefundStatus
from domain.billing.records import Method
from domain.commands import NotePaymentFailure, RecordRefund
from domain.emails import booking_emails, deadline_email
from kinds.vehicle_service.domain.commands import EditProgress, Reschedule, ValidateProgress
from kinds.vehicle_service.domain.emails import EMAILS, BookingEmailSlug, slugs_for
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    analysed,
    booked,
    completed,
    delivered,
    estimate_ready,
    failed,
    in_analysis,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, ASHA, CUSTOMER, OIL, RAVI, leg

CASH = Method.OFFLINE


def sent(builder):
    """The kinds that the last step of a booking sends, as slugs."""
    return [str(kind) for kind in slugs_for(*builder.last_move)]


def corrected(builder):
    return builder.asks(EditProgress(ADMIN, builder.booking.open_report().id, "corrected"))


def rescheduled(builder):
    return builder.asks(Reschedule(ASHA, drop=leg(builder.booking.drop.date.replace(day=28))))


def refund_failed(builder):
    return builder.asks(RecordRefund(builder.booking.refunds[0].id, RefundStatus.FAILED, None, needs_help=True))


def payment_failed(builder):
    return builder.asks(NotePaymentFailure(failed(builder.live_order)))


@pytest.mark.parametrize(
    ("builder", "kinds"),
    [
        (booked, ["booking-confirmation"]),
        (lambda: rescheduled(booked()), ["booking-rescheduled"]),
        (lambda: booked().pickup_assigned(), ["pickup-scheduled"]),
        (lambda: booked().pickup_assigned().pickup_assigned(), ["pickup-scheduled"]),
        (lambda: booked().pickup_assigned().collected(), []),
        (lambda: corrected(booked().pickup_assigned().collected()), []),
        (lambda: booked().pickup_assigned().collected().report_sent_back(), []),
        (received, ["vehicle-received"]),
        (lambda: received(WALK_IN), ["vehicle-received"]),
        (in_analysis, []),
        (analysed, []),
        (lambda: analysed().analysis_sent_back(), []),
        (estimate_ready, ["estimate-ready"]),
        (lambda: estimate_ready().order_opened(), []),
        (lambda: payment_failed(estimate_ready().order_opened()), ["payment-failed"]),
        (lambda: estimate_ready().order_opened().order_lapsed(), ["payment-failed"]),
        (lambda: estimate_ready().paid_online(), ["payment-received"]),
        (lambda: estimate_ready().cash_agreed(), []),
        (in_progress, []),
        (lambda: in_progress().work_reported(OIL), []),
        (lambda: in_progress().work_reported(OIL).report_sent_back(), []),
        (lambda: in_progress().work_reported(OIL).work_validated(), ["progress-update"]),
        (completed, ["progress-update", "completed"]),
        (out_for_delivery, ["out-for-delivery"]),
        (lambda: out_for_delivery(CASH).collection_opened(), []),
        (lambda: out_for_delivery(CASH).cash_verified(), ["payment-received"]),
        (delivered, ["delivered"]),
        (lambda: delivered(CASH, WALK_IN), ["delivered"]),
        (lambda: delivered().documents_issued(), ["invoice"]),
        (lambda: booked().cancelled(), ["cancellation"]),
        (lambda: estimate_ready().decision_lapsed(), ["cancellation"]),
        (lambda: in_progress().cancelled().refunds_processed(), ["refund-processed"]),
        (lambda: refund_failed(in_progress().cancelled()), ["refund-delayed"]),
        (lambda: estimate_ready().cancelled().drop_assigned(), ["out-for-delivery"]),
        (lambda: estimate_ready().cancelled().drop_assigned().cash_verified().brought_home(), []),
        (lambda: in_progress().money_returned("paid twice"), []),
    ],
)
def test_each_move_sends_its_mails(builder, kinds):
    assert sent(builder()) == kinds


def test_a_refund_is_told_once_though_the_provider_says_it_twice():
    builder = in_progress().cancelled().refunds_processed()
    builder.asks(RecordRefund(builder.booking.refunds[0].id, RefundStatus.PROCESSED, "rfnd_1"))
    assert sent(builder) == []


def test_every_kind_has_the_name_that_the_log_shows():
    assert set(EMAILS) == set(BookingEmailSlug)


def told(builder):
    """Every notice of a builder, numbered as the workflow would number them."""
    counts, mails = {}, []
    for before, after in builder.moves:
        numbered = replace(after, notice_counts=counts)
        mails += booking_emails(VEHICLE_SERVICE, before, numbered)
        counts = numbered.notice_counts
    return mails


def test_a_whole_journey_sends_every_mail_once_and_in_order():
    assert [(str(mail.slug), mail.sequence) for mail in told(delivered(CASH).documents_issued())] == [
        ("booking-confirmation", 1),
        ("pickup-scheduled", 1),
        ("vehicle-received", 1),
        ("estimate-ready", 1),
        ("progress-update", 1),
        ("completed", 1),
        ("out-for-delivery", 1),
        ("payment-received", 1),
        ("delivered", 1),
        ("invoice", 1),
    ]


def test_a_kind_that_is_sent_again_has_the_next_number():
    builder = in_progress().work_reported(OIL).work_validated().work_reported().work_validated()
    mails = told(builder)
    assert [mail.sequence for mail in mails if mail.slug is BookingEmailSlug.PROGRESS_UPDATE] == [1, 2]
    assert len({(mail.booking_id, mail.slug, mail.sequence) for mail in mails}) == len(mails)


def test_reminders_are_numbered_like_the_rest():
    booking = estimate_ready().booking
    first, second = (
        deadline_email(
            VEHICLE_SERVICE, booking, BookingEmailSlug.DECISION_REMINDER, booking.customer.id, booking.created_at
        ),
        deadline_email(
            VEHICLE_SERVICE, booking, BookingEmailSlug.DECISION_REMINDER, booking.customer.id, booking.created_at
        ),
    )
    assert [(mail.slug, mail.sequence) for mail in first + second] == [
        (BookingEmailSlug.DECISION_REMINDER, 1),
        (BookingEmailSlug.DECISION_REMINDER, 2),
    ]


def test_a_mail_is_addressed_and_carries_the_facts_of_its_moment():
    builder = estimate_ready()
    (mail,) = booking_emails(VEHICLE_SERVICE, *builder.last_move)
    assert (mail.booking_id, mail.person_id, mail.at) == (1021, CUSTOMER.id, builder.timeline[-1].at)
    assert mail.facts["total"] == "3658.00"
    assert mail.facts["gst_percent"] == "18"
    assert mail.facts["registration_number"] == "TN01AB1234"
    assert mail.facts["decide_until"] == "25 Nov 2026, 11:06"
    assert mail.facts["analysis"] == "Pads worn to 2 mm, oil is black"
    assert [(line.title, line.amount, line.recommended) for line in mail.lines] == [
        ("Brake pads, front", "1650.00", False),
        ("Engine oil change", "850.00", False),
        ("Cabin air filter", "600.00", True),
    ]


def test_every_fact_is_text_ready_to_print():
    for builder in (delivered(CASH).documents_issued(), in_progress().cancelled().refunds_processed()):
        for mail in told(builder):
            assert all(isinstance(value, str) for value in mail.facts.values())


def test_a_cancellation_tells_the_fee_and_the_refund():
    facts = told(in_progress().cancelled("too slow"))[-1].facts
    assert (facts["fee"], facts["gst_on_fee"], facts["fee_total"], facts["refund"]) == (
        "100.00",
        "18.00",
        "118.00",
        "2832.00",
    )
    assert (facts["reason"], facts["returns_car"]) == ("too slow", "yes")


def test_a_refund_tells_its_own_amount():
    assert told(in_progress().cancelled().refunds_processed())[-1].facts["refund_amount"] == "2832.00"


def test_the_return_of_a_cancelled_car_is_told_as_a_return():
    mail = told(estimate_ready().cancelled().drop_assigned())[-1]
    assert (mail.facts["job"], mail.people) == ("return", {"mechanic": RAVI.id})


def test_an_invoice_names_its_document():
    assert told(delivered().documents_issued())[-1].document == "RC/26-27/000001"


@pytest.mark.parametrize("builder", [lambda: analysed().cancelled(), lambda: rescheduled(analysed())])
def test_no_mail_shows_a_quote_or_a_recommendation_before_it_is_validated(builder):
    mail = told(builder())[-1]
    assert [(line.title, line.amount) for line in mail.lines] == [
        ("Brake pads, front", "1500.00"),
        ("Engine oil change", "800.00"),
    ]
    assert "analysis" not in mail.facts


def test_a_declined_line_is_in_no_mail_after_the_choice():
    mail = told(estimate_ready().paid_online(OIL))[-1]
    assert [line.title for line in mail.lines] == ["Engine oil change"]


def test_a_reason_for_sending_back_reaches_no_customer():
    builder = booked().pickup_assigned().collected()
    builder.asks(ValidateProgress(ADMIN, builder.booking.open_report().id, approved=False, reason="SECRET"))
    builder.collected().pickup_validated()
    assert all("SECRET" not in str(mail) for mail in told(builder))
