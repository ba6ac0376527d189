"""Which of the payments of an order to take, to capture or to send back: pure, from fetched facts alone."""

from dataclasses import dataclass

from domain.billing.provider import CURRENCY, OrderFacts, ProviderOrder, ProviderPayment
from domain.money import Paise


@dataclass(frozen=True, slots=True)
class ExpectedOrder:
    """What we asked to be paid: the order of ours, its amount in paise, and the payments already dealt with.

    ``wanted``: its money is taken when it has come in; ``capture``: also what is only authorised.
    """

    order_id: str
    amount: Paise
    consumed: tuple[str, ...]
    wanted: bool
    capture: bool = True
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Match:
    """What to do about an order: at most one payment to take or to capture, any number to send back."""

    confirm: ProviderPayment | None = None
    capture: ProviderPayment | None = None
    send_back: tuple[ProviderPayment, ...] = ()
    failed_attempts: tuple[ProviderPayment, ...] = ()
    left_alone: tuple[ProviderPayment, ...] = ()
    mismatched: tuple[ProviderPayment, ...] = ()
    in_flight: bool = False


def match_payments(expected: ExpectedOrder, facts: OrderFacts) -> Match:
    """Decide about an order from fetched facts alone.

    Captured money that matches and is still wanted confirms; any other captured money goes back, also the rest of
    what somebody refunded in part before we looked (the refund finds out how much is left). An authorised
    payment is captured only while it is wanted and nothing else was taken; otherwise it is left alone, and the
    provider gives it back by itself.
    """
    fresh = [payment for payment in facts.payments if payment.payment_id not in expected.consumed]
    fresh.sort(key=lambda payment: (payment.created_at, payment.payment_id))
    captured = [payment for payment in fresh if payment.captured and payment.amount_refunded < payment.amount]
    authorised = [payment for payment in fresh if payment.status == "authorized" and not payment.captured]
    whole = [payment for payment in captured if payment.amount_refunded == 0]
    good = [payment for payment in whole if expected.wanted and _matches(expected, facts.order, payment)]
    confirm = good[0] if good else None
    capture = None
    if confirm is None and expected.wanted and expected.capture:
        capture = next((payment for payment in authorised if _matches(expected, facts.order, payment)), None)
    return Match(
        confirm=confirm,
        capture=capture,
        send_back=tuple(payment for payment in captured if payment is not confirm),
        failed_attempts=tuple(payment for payment in fresh if payment.status == "failed"),
        left_alone=tuple(payment for payment in authorised if payment is not capture),
        mismatched=tuple(p for p in captured + authorised if not _matches(expected, facts.order, p)),
        in_flight=any(payment.status == "created" for payment in fresh),
    )


def _matches(expected: ExpectedOrder, order: ProviderOrder, payment: ProviderPayment) -> bool:
    return (
        order.order_id == expected.order_id
        and payment.order_id == expected.order_id
        and payment.currency == order.currency == expected.currency
        and payment.amount == order.amount == expected.amount
    )
