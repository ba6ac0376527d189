"""``activities.payments.Gateway``: the provider's sandbox by the official SDK and the fake keep the same promises."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.razorpay import RazorpayGateway
from devstack.razorpay import Config, Served, serving
from domain.billing.provider import ProviderOrder, ProviderRefund
from domain.errors import PaymentRejected
from tests.fakes.gateway import FakeGateway

AMOUNT = 194700


class FakeProvider:
    """The fake, and its customers."""

    def __init__(self) -> None:
        self.gateway = FakeGateway()

    def pay(self, order_id: str, *, fails: bool = False) -> str:
        return self.gateway.pay(order_id, status="failed" if fails else "authorized").payment_id

    def slow_refunds(self) -> None:
        self.gateway.refunds_wait = True

    def finish(self, refund: ProviderRefund, status: str = "processed") -> None:
        self.gateway.finish(refund.refund_id, status)

    def dispute(self, payment_id: str) -> str:
        return self.gateway.dispute(payment_id).dispute_id

    def bank_decides(self, payment_id: str, dispute_id: str, status: str) -> None:
        self.gateway.dispute(payment_id, status)


class RealProvider:
    """The sandbox, and its customers."""

    def __init__(self, sandbox: Served) -> None:
        sandbox.operate("POST", "reset")
        self._sandbox = sandbox
        keys = {"key_id": sandbox.config.key_id, "key_secret": sandbox.config.key_secret}
        self.gateway = RazorpayGateway(**keys, base_url=sandbox.base_url)

    def pay(self, order_id: str, *, fails: bool = False) -> str:
        self._sandbox.pay(order_id, **({"outcome": "failed"} if fails else {}))
        payments = self.gateway.fetch_order(order_id).payments
        return max(payments, key=lambda payment: (payment.created_at, payment.payment_id)).payment_id

    def slow_refunds(self) -> None:
        self._sandbox.chaos(api=[{"match": "POST /v1/payments/*/refund", "refund_pending": True}])

    def finish(self, refund: ProviderRefund, status: str = "processed") -> None:
        self._sandbox.operate("POST", f"refunds/{refund.refund_id}/settle", status=status)

    def dispute(self, payment_id: str) -> str:
        return str(self._sandbox.operate("POST", "disputes", payment_id=payment_id)["id"])

    def bank_decides(self, payment_id: str, dispute_id: str, status: str) -> None:
        self._sandbox.operate("POST", f"disputes/{dispute_id}/transition", status=status)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Served]:
    with serving(Config(seed="contract")) as sandbox:
        yield sandbox


@pytest.fixture(params=["fake", "real"])
def provider(request: pytest.FixtureRequest) -> Iterator[FakeProvider | RealProvider]:
    if request.param == "fake":
        yield FakeProvider()
        return
    real = RealProvider(request.getfixturevalue("sandbox"))
    yield real
    real.gateway.close()


def order(provider, *, receipt: str = "1001-7-1", amount: int = AMOUNT, look_first: bool = False) -> ProviderOrder:
    notes = {"booking_id": "1001"}
    return provider.gateway.create_order(
        amount=amount, currency="INR", receipt=receipt, notes=notes, look_first=look_first
    )


def refund(provider, payment_id: str, amount: int = AMOUNT, key: str = "rf-1001-1001003-abcdefgh") -> ProviderRefund:
    return provider.gateway.refund(payment_id=payment_id, amount=amount, key=key, receipt=key, notes={})


@pytest.fixture
def captured(provider) -> str:
    payment_id = provider.pay(order(provider).order_id)
    return provider.gateway.capture(payment_id, AMOUNT, "INR").payment_id


def test_a_new_order_says_what_was_asked_for(provider):
    made = order(provider)
    assert (made.amount, made.currency, made.status, made.receipt) == (AMOUNT, "INR", "created", "1001-7-1")


def test_looking_first_finds_the_order_of_the_same_receipt_and_amount_only(provider):
    made = order(provider)
    assert order(provider, look_first=True) == made
    assert order(provider, look_first=True, amount=500).order_id != made.order_id
    assert order(provider, look_first=True, receipt="1001-7-2").order_id != made.order_id


def test_an_order_that_somebody_tried_to_pay_is_not_found_again(provider):
    made = order(provider)
    provider.pay(made.order_id)
    assert order(provider, look_first=True).order_id != made.order_id


def test_a_new_order_has_no_payments(provider):
    made = order(provider)
    evidence = provider.gateway.fetch_order(made.order_id)
    assert (evidence.order, evidence.payments) == (made, ())


def test_paid_money_waits_to_be_captured(provider):
    made = order(provider)
    payment_id = provider.pay(made.order_id)
    evidence = provider.gateway.fetch_order(made.order_id)
    [payment] = evidence.payments
    assert (payment.payment_id, payment.order_id, payment.amount) == (payment_id, made.order_id, AMOUNT)
    assert (payment.status, payment.captured, payment.amount_refunded) == ("authorized", False, 0)
    assert evidence.order.status == "attempted"


def test_a_failed_attempt_says_why_and_leaves_the_order_payable(provider):
    made = order(provider)
    failed = provider.pay(made.order_id, fails=True)
    provider.pay(made.order_id)
    payments = {payment.payment_id: payment for payment in provider.gateway.fetch_order(made.order_id).payments}
    assert (payments[failed].status, payments[failed].captured) == ("failed", False)
    assert payments[failed].error
    assert len(payments) == 2


def test_a_capture_takes_the_money_and_pays_the_order(provider):
    made = order(provider)
    provider.pay(made.order_id, fails=True)
    provider.pay(made.order_id)
    before = provider.gateway.fetch_order(made.order_id)
    [payment_id] = [payment.payment_id for payment in before.payments if payment.status == "authorized"]
    taken = provider.gateway.capture(payment_id, AMOUNT, "INR")
    assert (taken.status, taken.captured) == ("captured", True)
    afterwards = provider.gateway.fetch_order(made.order_id)
    assert afterwards.order.status == "paid"
    assert afterwards == before.with_captured(taken)


def test_capturing_twice_is_quiet(provider, captured):
    assert provider.gateway.capture(captured, AMOUNT, "INR").captured


def test_another_amount_cannot_be_captured(provider):
    payment_id = provider.pay(order(provider).order_id)
    with pytest.raises(PaymentRejected):
        provider.gateway.capture(payment_id, AMOUNT - 1, "INR")


def test_a_failed_payment_cannot_be_captured(provider):
    payment_id = provider.pay(order(provider).order_id, fails=True)
    with pytest.raises(PaymentRejected):
        provider.gateway.capture(payment_id, AMOUNT, "INR")


def test_a_refund_is_processed_at_once_and_shows_at_its_payment(provider):
    made = order(provider)
    payment_id = provider.gateway.capture(provider.pay(made.order_id), AMOUNT, "INR").payment_id
    sent = refund(provider, payment_id, 50000)
    assert (sent.payment_id, sent.amount, sent.status) == (payment_id, 50000, "processed")
    [payment] = provider.gateway.fetch_order(made.order_id).payments
    assert (payment.status, payment.captured, payment.amount_refunded) == ("captured", True, 50000)


def test_a_whole_refund_leaves_the_payment_captured_and_refunded(provider):
    made = order(provider)
    payment_id = provider.gateway.capture(provider.pay(made.order_id), AMOUNT, "INR").payment_id
    refund(provider, payment_id)
    [payment] = provider.gateway.fetch_order(made.order_id).payments
    assert (payment.status, payment.captured, payment.amount_refunded) == ("refunded", True, AMOUNT)


def test_the_same_key_gives_the_same_refund(provider, captured):
    assert refund(provider, captured, 100) == refund(provider, captured, 100)


def test_the_same_key_with_another_body_is_refused(provider, captured):
    refund(provider, captured, 100)
    with pytest.raises(PaymentRejected):
        refund(provider, captured, 200)


def test_another_key_is_another_refund(provider, captured):
    first = refund(provider, captured, 100)
    second = refund(provider, captured, 100, key="rf-1001-1001004-abcdefgh")
    assert first.refund_id != second.refund_id


def test_no_more_goes_back_than_came(provider, captured):
    refund(provider, captured, AMOUNT - 100)
    with pytest.raises(PaymentRejected):
        refund(provider, captured, 101, key="rf-1001-1001004-abcdefgh")


def test_money_that_was_not_captured_cannot_be_refunded(provider):
    payment_id = provider.pay(order(provider).order_id)
    with pytest.raises(PaymentRejected):
        refund(provider, payment_id, 100)


def test_a_slow_refund_is_pending_until_the_provider_is_done(provider, captured):
    provider.slow_refunds()
    sent = refund(provider, captured)
    assert sent.status == "pending"
    assert provider.gateway.fetch_refund(sent.refund_id).status == "pending"
    provider.finish(sent)
    assert provider.gateway.fetch_refund(sent.refund_id).status == "processed"


def test_what_does_not_exist_is_refused_for_good(provider):
    with pytest.raises(PaymentRejected):
        provider.gateway.fetch_order("order_00000000000000")
    with pytest.raises(PaymentRejected):
        provider.gateway.capture("pay_00000000000000", AMOUNT, "INR")
    with pytest.raises(PaymentRejected):
        provider.gateway.fetch_refund("rfnd_00000000000000")


BASE, SECOND, THIRD = (f"rf-1001-1001003-abcdefgh{end}" for end in ("", "-try2", "-try3"))


def test_a_refund_is_found_by_its_receipt_whatever_became_of_it(provider, captured):
    made = refund(provider, captured, 500, BASE)
    assert provider.gateway.find_refund(captured, [BASE], 500) == made
    assert provider.gateway.find_refund(captured, [SECOND], 500) is None
    assert provider.gateway.find_refund(captured, [BASE], 501) is None
    assert provider.gateway.find_refund(captured, [BASE], None) == made
    provider.finish(made, "failed")
    assert provider.gateway.find_refund(captured, [BASE], 500).status == "failed"


def test_an_earlier_attempt_counts_as_well_unless_it_failed(provider, captured):
    first = refund(provider, captured, 500, BASE)
    assert provider.gateway.find_refund(captured, [SECOND, BASE], 500).refund_id == first.refund_id
    provider.finish(first, "failed")
    assert provider.gateway.find_refund(captured, [SECOND, BASE], 500) is None
    second = refund(provider, captured, 500, SECOND)
    assert provider.gateway.find_refund(captured, [THIRD, SECOND, BASE], 500).refund_id == second.refund_id


def test_the_disputes_of_a_payment_are_found_with_what_the_bank_decided(provider, captured):
    assert provider.gateway.disputes_of(captured) == []
    opened = provider.dispute(captured)
    [known] = provider.gateway.disputes_of(captured)
    assert (known.dispute_id, known.status, known.amount, known.amount_deducted) == (opened, "open", AMOUNT, 0)
    provider.bank_decides(captured, opened, "lost")
    [known] = provider.gateway.disputes_of(captured)
    assert (known.status, known.amount_deducted) == ("lost", AMOUNT)
    assert provider.gateway.disputes_of("pay_00000000000000") == []


def test_the_lists_of_the_account_show_what_was_made_page_by_page(sandbox):
    real = RealProvider(sandbox)
    payment_id = real.pay(order(real).order_id)
    real.gateway.capture(payment_id, AMOUNT, "INR")
    made, disputed = refund(real, payment_id, 500), real.dispute(payment_id)
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)
    [payment] = real.gateway.page_of_payments(since, until, 0)
    assert (payment.payment_id, payment.captured, payment.amount_refunded) == (payment_id, True, 500)
    assert real.gateway.page_of_refunds(since, until, 0) == [made]
    [dispute] = real.gateway.page_of_disputes(since, until, 0)
    assert (dispute.dispute_id, dispute.payment_id, dispute.status) == (disputed, payment_id, "open")
    assert list(real.gateway.disputes_between(since, until)) == [dispute]
    earlier = since - timedelta(days=1), since
    for page in (real.gateway.page_of_payments, real.gateway.page_of_refunds, real.gateway.page_of_disputes):
        assert page(since, until, 1) == page(*earlier, 0) == []
    real.gateway.close()
