"""Facts and capture in one activity: it captures what is expected, while nothing can have changed that."""

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

import activities.payments
from activities.payments import PaymentActivities
from domain.billing.matching import ExpectedOrder
from domain.billing.provider import CURRENCY, OrderFacts, ProviderPayment
from tests.fakes.gateway import FakeGateway
from tests.fakes.pauses import FakePauses

PRICE = 100_000


class CapturedByStaff(FakeGateway):
    """Just before it is to be captured, somebody does that in the provider's dashboard, and refunds a rupee."""

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        self.becomes(payment_id, "captured")
        self.refund_by_hand(payment_id, 100)
        return super().capture(payment_id, amount, currency)


class Authorised:
    """A payment of INR 1,000 that waits to be captured."""

    def __init__(self, gateway: FakeGateway | None = None) -> None:
        self.gateway = gateway or FakeGateway()
        order = self.gateway.create_order(amount=PRICE, currency=CURRENCY, receipt="1001", notes={}, look_first=False)
        self.expected = ExpectedOrder(order.order_id, PRICE, (), wanted=True)
        self.gateway.pay(order.order_id)

    def capture(self, expected: ExpectedOrder | None = None, attempt: int = 1) -> OrderFacts:
        """The facts that the activity answers."""
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt)
        activity = PaymentActivities(self.gateway, FakePauses()).fetch_and_capture
        facts: OrderFacts = environment.run(activity, expected or self.expected, [])
        return facts

    def looked_at(self, expected: ExpectedOrder, attempt: int = 1) -> list[str]:
        """What the activity answers of the payments, which is what the provider knows."""
        facts = self.capture(expected, attempt)
        assert facts == self.gateway.fetch_order(expected.order_id)
        return [payment.status for payment in facts.payments]


@pytest.fixture
def authorised() -> Authorised:
    return Authorised()


def test_what_is_expected_is_captured_and_found_captured_when_it_is_looked_at_again(authorised):
    assert authorised.looked_at(authorised.expected) == ["captured"]
    assert authorised.looked_at(authorised.expected, attempt=2) == ["captured"]
    assert authorised.gateway.calls["capture"] == 1


def test_what_a_capture_answers_is_not_fetched_again(authorised):
    authorised.capture()
    assert authorised.gateway.calls == {"create_order": 1, "fetch_order": 1, "capture": 1}


def test_but_what_somebody_has_captured_and_refunded_meanwhile_comes_with_its_refunds():
    gateway = CapturedByStaff()
    authorised = Authorised(gateway)
    facts = authorised.capture()
    assert [refund.amount for refund in facts.refunds] == [100]
    assert facts == gateway.fetch_order(authorised.expected.order_id)


@pytest.mark.parametrize(
    "changed", [{"amount": PRICE - 1}, {"wanted": False}, {"capture": False}, {"currency": "USD"}], ids=str
)
def test_what_is_not_expected_is_left_alone(authorised, changed):
    assert authorised.looked_at(replace(authorised.expected, **changed)) == ["authorized"]


def test_what_the_provider_refuses_to_capture_is_left_to_the_workflow(authorised):
    authorised.gateway.refuses_captures = True
    assert authorised.looked_at(authorised.expected) == ["authorized"]


def test_an_attempt_after_the_first_captures_nothing_for_the_booking_may_want_it_no_more(authorised):
    assert authorised.looked_at(authorised.expected, attempt=2) == ["authorized"]


def test_nor_does_one_whose_facts_were_long_in_coming(authorised, monkeypatch):
    monkeypatch.setattr(activities.payments, "FRESH", -1.0)
    assert authorised.looked_at(authorised.expected) == ["authorized"]
