"""What the provider is asked before a refund leaves: what was sent, given back by hand or taken is not paid again."""

import pytest

from activities.payments import PaymentActivities
from domain.billing.provider import CURRENCY
from domain.errors import PaymentDisputed, PaymentRejected
from tests.fakes.gateway import FakeGateway
from tests.fakes.pauses import FakePauses

PAID, KEY = 100_000, "rf-1001-1001003-abcdefgh"


class Paid:
    """A captured payment of INR 1,000 and what happens to it."""

    def __init__(self) -> None:
        self.gateway = FakeGateway()
        order = self.gateway.create_order(amount=PAID, currency=CURRENCY, receipt="1001", notes={}, look_first=False)
        self.order_id = order.order_id
        self.payment_id = self.gateway.pay(order.order_id, status="captured").payment_id

    def refunds(self, amount: int, key: str = KEY, settled: tuple[str, ...] = ()) -> str:
        """The status of the refund."""
        return PaymentActivities(self.gateway, FakePauses()).refund(self.payment_id, amount, key, list(settled)).status

    def loses(self, taken: int) -> str:
        """The bank takes so much; answers the dispute."""
        return self.gateway.dispute(self.payment_id, "lost", amount=taken).dispute_id

    @property
    def money_back(self) -> int:
        """What has left."""
        return self.gateway.money_back(self.order_id)


@pytest.fixture
def paid() -> Paid:
    return Paid()


@pytest.mark.parametrize("taken", [100, 90_000])
def test_what_the_bank_took_is_asked_about_however_little_until_the_booking_has_recorded_it(paid, taken):
    dispute = paid.loses(taken)
    with pytest.raises(PaymentDisputed) as asked:
        paid.refunds(80_000)
    assert (asked.value.data, paid.money_back) == ({"dispute_id": dispute}, 0)
    assert paid.refunds(10_000, settled=(dispute,)) == "processed"


def test_a_refund_that_the_bank_failed_after_it_had_taken_the_money_is_not_sent_again(paid):
    assert paid.refunds(80_000) == "processed"
    dispute = paid.loses(90_000)
    paid.gateway.finish(next(iter(paid.gateway.refunds)), "failed")
    with pytest.raises(PaymentRejected) as refusal:
        paid.refunds(80_000, f"{KEY}-try2", (dispute,))
    assert (refusal.value.data, paid.money_back) == ({"left": 10_000}, 0)


def test_what_staff_gave_back_by_hand_is_not_paid_again_after_a_lost_dispute_either(paid):
    dispute = paid.loses(40_000)
    paid.gateway.refund_by_hand(paid.payment_id, 30_000)
    with pytest.raises(PaymentRejected) as refusal:
        paid.refunds(60_000, settled=(dispute,))
    assert refusal.value.data == {"left": 30_000}


def test_nothing_leaves_beside_an_earlier_attempt_that_was_sent_over_more(paid):
    """The bank took some of it meanwhile, and the booking, which had not heard that it was sent, lowered the amount."""
    assert paid.refunds(30_000) == "processed"
    dispute = paid.loses(10_000)
    with pytest.raises(PaymentRejected, match=r"over 300\.00 was made for the same money before"):
        paid.refunds(20_000, f"{KEY}-try2", (dispute,))
    assert paid.money_back == 30_000
