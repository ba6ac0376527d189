"""An attempt to refund: how it begins, which refund at the provider it is, and when the provider knows more of it."""

import re
from collections.abc import Iterable
from datetime import datetime

from domain.billing.provider import ProviderRefund, RefundStatus
from domain.billing.records import Payment, Refund
from domain.booking import Booking
from domain.money import Paise


def new_attempt(booking: Booking, payment: Payment, amount: Paise, reason: str, now: datetime) -> Refund:
    """A new attempt to send money back, with a key of its own that every retry repeats."""
    child = booking.next_child()
    # The payment's tail keeps two installations on one provider account apart.
    key = f"rf-{booking.id}-{child}-{(payment.payment_id or '')[-8:]}"
    return Refund(child, payment.id, payment.payment_id or "", amount, reason, key, now)


def attempt_keys(key: str) -> tuple[str, ...]:
    """The key of an attempt and those of the attempts for the same money before it, the newest first."""
    base, tries = base_and_tries(key)
    return (key, *(f"{base}-try{number}" for number in range(tries - 1, 1, -1)), *((base,) if tries > 1 else ()))


def base_and_tries(key: str) -> tuple[str, int]:
    """The key of the first attempt for the same money, and which attempt this one is."""
    found = re.fullmatch(r"(.+)-try([0-9]{1,4})", key)
    return (found[1], int(found[2])) if found else (key, 1)


def known_refund(refunds: Iterable[Refund], fact: ProviderRefund) -> Refund | None:
    """Our row of a refund at the provider: by its id, or by the key that it was asked for with."""
    ours = list(refunds)
    by_id = next((refund for refund in ours if refund.refund_id == fact.refund_id), None)
    return by_id or next((refund for refund in ours if refund.key == fact.receipt), None)


def refund_is_news(known: Refund, fact: ProviderRefund) -> bool:
    """The provider knows more of a refund than we do, and no workflow of its own waits for it.

    "pending" is news only of one that was given up and never seen at the provider.
    """
    if known.status == fact.status or (known.status is RefundStatus.PENDING and not known.by_hand):
        return False
    if fact.status == RefundStatus.PENDING:
        return known.status is RefundStatus.FAILED and known.refund_id is None
    return True
