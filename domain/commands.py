"""What people and the world ask of a booking of any kind, and what the engine does to it by itself.

These are the payloads of updates and signals. Whoever builds a command has looked up the facts in it; whether the
booking grants it is decided by the rules alone.
"""

from dataclasses import dataclass, field
from datetime import datetime

from domain.billing.provider import ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund, RefundStatus
from domain.money import Paise
from domain.people import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Command:
    """Something that ``actor`` asks of a booking.

    ``seen_version``: the version of the booking that a person had read (0: not known).
    """

    actor: Actor
    seen_version: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class CommandWithOrder(Command):
    """A command that may need an order at the payment provider; the workflow creates it and puts it in."""

    order: ProviderOrder | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class EngineCommand(Command):
    """What the engine itself does to a booking, by default in its own name."""

    actor: Actor = field(default=SYSTEM, kw_only=True)


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """The booking is called off, for a reason and nothing else; a kind that asks more has a command of its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class RetryRefund(Command):
    """An admin has a refund tried now: the one under way at once, one that was given up by a new attempt."""

    refund_row: int


@dataclass(frozen=True, slots=True)
class ClearAttention(Command):
    """An admin has looked at everything that asked for it."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class TakePayment(EngineCommand):
    """Captured money that matches what we asked for."""

    payment: ProviderPayment


@dataclass(frozen=True, slots=True)
class NotePaymentFailure(EngineCommand):
    """An attempt to pay failed; another may follow, even with the same id. ``note`` says more than the provider."""

    payment: ProviderPayment
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnMoney(EngineCommand):
    """Captured money that is not wanted (late, second, superseded, wrong): it goes back whole."""

    payment: ProviderPayment
    reason: str


@dataclass(frozen=True, slots=True)
class LapseOrder(EngineCommand):
    """The payment window is over: the order is closed to us, the booking waits on."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Alert(EngineCommand):
    """Something waits too long; an admin must look. ``key`` says what, once; ``lasting``: until somebody clears it."""

    key: str
    note: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class RecordRefund(EngineCommand):
    """What became of a refund. ``needs_help``: it does not go through by itself.

    Of one that failed: ``again`` when the bank failed and a new attempt may succeed; ``left`` is what can be refunded
    of the payment, in paise, when that is less than was wanted because somebody else has refunded it.
    """

    refund_row: int
    status: RefundStatus
    refund_id: str | None
    needs_help: bool = False
    note: str | None = None
    again: bool = False
    left: Paise | None = None


@dataclass(frozen=True, slots=True)
class AdoptRefund(EngineCommand):
    """A refund that we did not ask for: made in the provider's dashboard, or changed there since we knew of it."""

    refund: ProviderRefund


@dataclass(frozen=True, slots=True)
class RecordDispute(EngineCommand):
    """How a dispute stands."""

    dispute: ProviderDispute


@dataclass(frozen=True, slots=True)
class RecordTransfer(EngineCommand):
    """What became of a payout (``key``) of ``amount`` paise: transferred, waiting for an account, or ``failed``.

    Without ``transfer_id`` it waits, or was never made; ``note`` says why.
    """

    key: str
    payee: str
    payment_row: int
    amount: Paise
    on_hold: bool = True
    account_id: str | None = None
    transfer_id: str | None = None
    failed: bool = False
    note: str | None = None
    details: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordRelease(EngineCommand):
    """A payout is not on hold any more."""

    key: str
    details: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordReversal(EngineCommand):
    """So many paise of a ``payout`` were taken back; ``key`` is that of the reversal."""

    payout: str
    key: str
    reversal_id: str
    amount: Paise
    details: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair(EngineCommand):
    """The rows showed a transition that was lost with a worker; this one took its place, up to release 0.2.0."""


@dataclass(frozen=True, slots=True)
class RecordInvoice(EngineCommand):
    """A document of this booking was numbered. ``kind``: invoice or credit-note; ``issued_at``: as it is printed."""

    kind: str
    id: int
    leg: str
    number: str
    amount: Paise
    invoice_number: str | None = None
    issued_at: datetime | None = None
