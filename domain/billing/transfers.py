"""What the payment provider reports about transfers to payees, and what it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Paise


class AccountStatus(StrEnum):
    """Whether somebody can be paid out: no account, one that the provider still looks at, or one that takes money."""

    NONE = "none"
    UNDER_REVIEW = "under_review"
    NEEDS_CLARIFICATION = "needs_clarification"
    ACTIVATED = "activated"


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """Somebody's account at the provider, as it was when it was last looked at."""

    account_id: str
    status: AccountStatus


@dataclass(frozen=True, slots=True)
class ProviderReversal:
    """A part of a transfer that was taken back. ``key`` is ours; one of somebody else's has none."""

    reversal_id: str
    transfer_id: str
    amount: Paise
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderTransfer:
    """A transfer as the provider reports it. ``source``: the payment, or our account for a direct one.

    ``status``: created, pending, processed, failed, reversed, partially_reversed; ``created_at`` in Unix seconds.
    ``reversals`` are there only where they were asked for.
    """

    transfer_id: str
    source: str
    account_id: str
    amount: Paise
    amount_reversed: Paise
    status: str
    on_hold: bool
    created_at: int
    key: str | None = None
    error: str | None = None
    reversals: tuple[ProviderReversal, ...] = ()

    @property
    def failed(self) -> bool:
        """It has moved nothing."""
        return self.status == "failed"


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A payout to make: ``amount`` paise of a payment, for a payee of a kind's booking, under that ``key``.

    ``since``: no transfer of it is older.
    """

    kind: str
    booking_id: int
    key: str
    payee: str
    payment_id: str
    amount: Paise
    on_hold: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What came of it: the transfer, or none since the payee's account takes nothing yet."""

    status: AccountStatus
    transfer: ProviderTransfer | None = None
