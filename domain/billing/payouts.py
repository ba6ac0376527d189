"""Money of a booking that is passed on to somebody else: a payee's share, transferred by the provider.

A kind says what each state wants paid out (``BookingKind.payouts``); what was done of it is recorded here. Amounts are
paise, times aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.money import Paise

SMALLEST_TRANSFER: Paise = 100
"""The provider moves nothing below INR 1.00: such a share is not paid out, such a part of one not taken back."""
MOST_PAYOUTS = 50
"""Transfers that a booking tries in all its life: where so many fail, an admin is needed and no repetition."""


class PayoutState(StrEnum):
    """The state of a payout on the wire."""

    PENDING = "pending"
    """It is to be made; the payee may have no account yet."""
    HELD = "held"
    """The payee's account has it and cannot take it out."""
    RELEASED = "released"
    FAILED = "failed"
    """It did not arrive; another one is made in its place."""
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """How patient the engine is with the provider.

    ``patience``: so long a refund waits for what must come before it. ``alert``: an admin is told of what does not go
    through for so long. ``settle``: what was asked for and not answered may still be done for so long, so it is looked
    for, and asked for again only then.
    """

    patience: timedelta = timedelta(minutes=15)
    alert: timedelta = timedelta(minutes=15)
    settle: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class PayoutWish:
    """What ``payee`` is to have, in the end, of the payment in that row: ``amount``, after whatever is taken back.

    ``release``: theirs for good, so nothing keeps it on hold. A payout that was made and is not wished for any more
    (0 paise) is taken back; one that is not named at all stays as it is. ``details`` are facts for whoever reads about
    it, as text.
    """

    payee: str
    payment_row: int
    amount: Paise
    release: bool = False
    details: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reversal:
    """A part of a payout that was taken back."""

    key: str
    reversal_id: str
    amount: Paise
    at: datetime


@dataclass(slots=True)
class Payout:
    """One transfer, or the wish for one. ``key`` tells it apart at the provider: a repeat looks for it.

    ``amount`` is what was transferred, ``kept`` what is left of it. ``note``: why it waits or has failed.
    """

    key: str
    payee: str
    payment_row: int
    amount: Paise
    created_at: datetime
    state: PayoutState = PayoutState.PENDING
    account_id: str | None = None
    transfer_id: str | None = None
    transferred_at: datetime | None = None
    on_hold: bool = True
    released_at: datetime | None = None
    failed_at: datetime | None = None
    note: str | None = None
    reversals: list[Reversal] = field(default_factory=list)
    details: dict[str, str | None] = field(default_factory=dict)

    @property
    def kept(self) -> Paise:
        """What the payee has of it, or is to have."""
        return 0 if self.failed_at is not None else self.amount - sum(each.amount for each in self.reversals)

    @property
    def made(self) -> bool:
        """The provider has transferred it, and it has not failed."""
        return self.transfer_id is not None and self.failed_at is None

    def follow_state(self) -> None:
        """Set ``state`` to what the other fields say."""
        if self.failed_at is not None:
            self.state = PayoutState.FAILED
        elif self.transfer_id is None:
            self.state = PayoutState.PENDING
        elif self.reversals and self.kept == 0:
            self.state = PayoutState.REVERSED
        elif self.reversals and (self.released_at is None or self.reversals[-1].at > self.released_at):
            self.state = PayoutState.PARTLY_REVERSED
        else:
            self.state = PayoutState.HELD if self.on_hold else PayoutState.RELEASED
