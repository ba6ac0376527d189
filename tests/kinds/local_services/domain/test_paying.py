import pytest

from domain.billing.provider import ProviderOrder, ProviderPayment
from domain.commands import ReturnMoney
from domain.decide import needs_order
from domain.errors import ActionNotAllowed
from domain.kind import ViewContext
from domain.views import detail
from kinds.local_services.domain.commands import Expire, PayIntent
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.payment_status import payment_status
from kinds.local_services.domain.rules.paying import already_done, expects
from tests.kinds.local_services.bookings import ASHA, DAY, HOUR, Request

ORDER = ProviderOrder("order_1", 135_000, "INR", "created", None)


def ordered() -> Request:
    return Request().accepted().asks(PayIntent(ASHA, order=ORDER))


def test_the_order_is_over_the_price_and_stands_until_the_window_is_over():
    request = ordered()
    [payment] = request.booking.payments
    assert (payment.amount, payment.expires_at) == (135_000, request.booking.accepted_at + 12 * HOUR)
    seen = detail(LOCAL_SERVICES, request.booking, ASHA, ViewContext("rzp_key"))["checkout"]
    assert seen == {"order_id": "order_1", "amount": 135_000, "currency": "INR", "key_id": "rzp_key"}


def test_asked_again_the_same_order_stands():
    request = Request().accepted()
    assert needs_order(LOCAL_SERVICES, request.booking, PayIntent(ASHA), request.at)
    assert not needs_order(LOCAL_SERVICES, ordered().booking, PayIntent(ASHA), request.at)
    assert already_done(ordered().booking, PayIntent(ASHA))


def test_when_the_window_is_over_nothing_can_be_paid_any_more():
    request = Request().accepted()
    with pytest.raises(ActionNotAllowed):
        request.asks(PayIntent(ASHA), DAY)


def test_money_is_taken_while_it_is_waited_for_and_sent_back_afterwards():
    request = ordered()
    assert expects(request.booking, request.booking.payments[0]).value == "take"
    request.asks(Expire(), DAY)
    assert (payment_status(request.booking), request.booking.closed_at) == ("failed", request.at)
    assert expects(request.booking, request.booking.payments[0]).value == "send-back"


def test_late_money_is_refunded_whole():
    request = ordered().asks(Expire(), DAY)
    late = ProviderPayment("pay_1", "order_1", 135_000, "INR", "captured", True, 0, "upi", None, 1)
    request.asks(ReturnMoney(late, "it came too late"))
    assert payment_status(request.booking) == "refund_pending"
    assert payment_status(request.refunded().booking) == "refunded"


def test_the_words_of_the_money_follow_the_booking():
    assert [payment_status(each.booking) for each in (Request(), Request().accepted(), Request().paid())] == [
        "none",
        "pending",
        "paid",
    ]
