import pytest

from domain.billing.records import Method
from domain.billing.views import checkout, payment_summary
from kinds.vehicle_service.domain.cancellation_fee import cancellation_quote
from kinds.vehicle_service.domain.views.parts import visit_quote_view
from tests.kinds.vehicle_service.bookings import (
    estimate_ready,
    in_progress,
    out_for_delivery,
)
from tests.kinds.vehicle_service.people import ADMIN, ASHA, RAVI, actor
from tests.kinds.vehicle_service.seen import seen

CASH = Method.OFFLINE


def test_checkout_is_there_exactly_while_an_order_waits_for_money():
    assert checkout(estimate_ready().booking, "k") is None
    assert checkout(estimate_ready().order_opened().booking, "k")["amount"] == 295000
    for builder in (
        estimate_ready().order_opened().order_lapsed(),
        estimate_ready().paid_online(),
        estimate_ready().order_opened().cash_agreed(),
        estimate_ready().order_opened().cancelled(),
    ):
        assert checkout(builder.booking, "k") is None


@pytest.mark.parametrize(
    ("builder", "method", "status"),
    [
        (estimate_ready, None, None),
        (lambda: estimate_ready().order_opened(), "online", "pending"),
        (lambda: estimate_ready().order_opened().order_lapsed(), "online", "failed"),
        (lambda: estimate_ready().order_opened().money_returned("wrong amount"), "online", "failed"),
        (lambda: estimate_ready().paid_online(), "online", "success"),
        (lambda: estimate_ready().order_opened().cash_agreed(), "offline", "pending"),
        (lambda: in_progress().money_returned("paid twice"), "online", "success"),
        (lambda: out_for_delivery(CASH).cash_verified(), "offline", "success"),
        (lambda: estimate_ready().cancelled().cash_verified(ADMIN), "offline", "success"),
    ],
)
def test_the_payment_says_where_the_money_stands(builder, method, status):
    shown = payment_summary(builder().booking)
    assert (shown["method"], shown["status"]) == (method, status)


def test_payments_refunds_and_documents_are_listed():
    builder = in_progress().documents_issued().cancelled().refunds_processed().documents_issued()
    shown = seen(builder, ASHA)
    (payment,), (refund,) = shown["payments"], shown["refunds"]
    assert (payment["leg"], payment["method"], payment["amount"], payment["status"]) == (
        "service",
        "online",
        "2950.00",
        "success",
    )
    assert (refund["amount"], refund["status"], refund["payment_id"]) == ("2832.00", "processed", "pay_1")
    assert shown["invoice"]["total"] == "2950.00"
    assert shown["invoice"]["url"] == "/api/v1/bookings/1021/invoice.pdf"
    (note,) = shown["credit_notes"]
    assert (note["amount"], note["invoice_number"]) == ("2832.00", shown["invoice"]["number"])


def test_the_cancellation_has_the_keys_of_its_preview_and_who_when_and_why():
    before = in_progress()
    price = visit_quote_view(cancellation_quote(before.booking))
    shown = seen(before.cancelled("too slow"), ASHA)["cancellation"]
    assert set(price) == {"fee", "gst_on_fee", "refund", "returns_car", "allowed", "reason"}
    for key in ("fee", "gst_on_fee", "refund", "returns_car"):
        assert shown[key] == price[key]
    assert (shown["reason"], shown["by"]["id"], shown["closed_at"]) == ("too slow", ASHA.id, None)


def test_a_mechanic_sees_that_a_booking_was_cancelled_but_not_at_what_price():
    shown = seen(in_progress().cancelled("too slow").drop_assigned(), actor(RAVI))["cancellation"]
    assert set(shown) == {"returns_car", "reason", "by", "at", "closed_at"}
