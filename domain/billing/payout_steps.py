"""What has to be done next about a booking's payouts: its kind's wishes, held against what was done.

Judged anew after every change, so the order in which facts come does not matter. Nothing is sent twice: a payout that
exists is only taken back or released, never made larger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.billing.payouts import MOST_PAYOUTS, SMALLEST_TRANSFER, Payout, PayoutTerms, PayoutWish
from domain.billing.provider import PaymentStatus
from domain.billing.records import Payment, Refund
from domain.booking import Booking
from domain.kind import BookingKind
from domain.money import Paise
from domain.pauses import growing_pause

_LONGEST_PAUSE = timedelta(hours=6)


class Doing(StrEnum):
    """What the provider is asked for."""

    TRANSFER = "transfer"
    REVERSE = "reverse"
    RELEASE = "release"
    ABANDON = "abandon"
    """Nothing is wanted any more of one that was not made, as far as is known: it is looked for once more."""


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """One call to the provider. ``key`` of the payout, ``amount`` in paise; not ``before`` that time.

    ``frozen``: the customer has asked the bank for the money of this payment, so nothing of it moves now.
    """

    doing: Doing
    key: str
    payment_row: int
    payment_id: str
    amount: Paise
    wish: PayoutWish
    before: datetime
    transfer_id: str | None = None
    frozen: bool = False

    @property
    def subject(self) -> str:
        """One name for it however often it is tried."""
        return f"{self.doing} {self.key}"


def payout_terms(booking: Booking) -> PayoutTerms:
    """How patient the engine is with this booking's payouts."""
    return booking.policy.payout_terms()


def payout_steps(kind: BookingKind[Any], booking: Booking) -> tuple[PayoutStep, ...]:
    """Everything that is to be done, one step for each wish that is not fulfilled."""
    return steps_of(booking, kind.payouts(booking))


def steps_of(booking: Booking, wishes: Iterable[PayoutWish]) -> tuple[PayoutStep, ...]:
    """The same of these wishes."""
    found = (_step(booking, wish) for wish in wishes)
    return tuple(step for step in found if step is not None)


def current_payout(booking: Booking, wish: PayoutWish) -> Payout | None:
    """The payout that stands for this wish; one that failed does not."""
    return next((each for each in booking.payouts if _is_for(each, wish) and each.failed_at is None), None)


def refund_must_wait(
    booking: Booking, refund: Refund, steps: Iterable[PayoutStep], looked: Mapping[str, datetime], now: datetime
) -> bool:
    """Whether the payee's share is to be cut, or made, before this refund, and the customer can still wait for it.

    The provider makes no transfer of a payment once a refund of it was begun. ``looked``: payouts that could not be
    made at that time, for the payee has no account: nobody waits for them.
    """
    if now >= refund.requested_at + payout_terms(booking).patience:
        return False
    of_payment = [step for step in steps if step.payment_row == refund.payment_row and not step.frozen]
    return any(
        step.doing in (Doing.REVERSE, Doing.ABANDON)
        or (step.doing is Doing.TRANSFER and not _was_looked_at(step, looked, refund.requested_at))
        for step in of_payment
    )


def reversal_key(booking: Booking) -> str:
    """The key of the booking's next reversal."""
    return f"rv-{booking.id}-{1 + sum(len(each.reversals) for each in booking.payouts)}"


def _was_looked_at(step: PayoutStep, looked: Mapping[str, datetime], since: datetime) -> bool:
    return step.key in looked and looked[step.key] >= since


def _step(booking: Booking, wish: PayoutWish) -> PayoutStep | None:
    payment = next((each for each in booking.payments if each.id == wish.payment_row), None)
    if payment is None or payment.payment_id is None or payment.status is not PaymentStatus.SUCCESS:
        return None
    target = wish.amount if wish.amount >= SMALLEST_TRANSFER else 0
    known = current_payout(booking, wish)
    if known is None or not known.made:
        if known is None and not target:
            return None
        step = _transfer(booking, wish, payment, known)
        return step if target or step is None else replace(step, doing=Doing.ABANDON, amount=0)
    step = PayoutStep(
        Doing.RELEASE,
        known.key,
        payment.id,
        payment.payment_id,
        known.kept - target,
        wish,
        booking.created_at,
        known.transfer_id,
        booking.on_hold(payment.payment_id),
    )
    if step.amount >= SMALLEST_TRANSFER:
        return replace(step, doing=Doing.REVERSE)
    return replace(step, amount=known.kept) if wish.release and known.on_hold and known.kept else None


def _transfer(booking: Booking, wish: PayoutWish, payment: Payment, known: Payout | None) -> PayoutStep | None:
    """The first try, or another one under a key of its own, ever later."""
    failed = [each for each in booking.payouts if _is_for(each, wish) and each.failed_at is not None]
    if known is None and len(booking.payouts) >= MOST_PAYOUTS:
        return None
    before = payment.captured_at or payment.created_at
    if failed:
        pause = growing_pause(payout_terms(booking).settle, _LONGEST_PAUSE, len(failed) - 1)
        before = (failed[-1].failed_at or before) + pause
    return PayoutStep(
        Doing.TRANSFER,
        known.key if known is not None else f"po-{booking.id}-{len(booking.payouts) + 1}",
        payment.id,
        payment.payment_id or "",
        wish.amount,
        wish,
        before,
        frozen=booking.on_hold(payment.payment_id or ""),
    )


def _is_for(payout: Payout, wish: PayoutWish) -> bool:
    return (payout.payee, payout.payment_row) == (wish.payee, wish.payment_row)
