"""What people and the world ask of a booking: the payloads of updates, and what the engine does itself.

Whoever builds a command has looked up the facts in it (a mechanic's qualifications, a service's title, the GST of
the moment); whether the booking grants it is decided by the rules alone.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from domain.money import Paise
from domain.payments import ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund, RefundStatus
from domain.people import SYSTEM, Actor
from kinds.vehicle_service.domain.booking import Job, Leg, Line, Mechanic, Method
from kinds.vehicle_service.domain.lifecycle import State


@dataclass(frozen=True, slots=True)
class Command:
    """Something that ``actor`` asks of a booking.

    ``seen_version``: the version of the booking that a person had read (0: not known).
    """

    actor: Actor
    seen_version: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class EngineCommand(Command):
    """What the engine itself does to a booking, by default in its own name."""

    actor: Actor = field(default=SYSTEM, kw_only=True)


@dataclass(frozen=True, slots=True)
class Assign(Command):
    """Give a job to a mechanic, or to another one instead."""

    job: Job
    mechanic: Mechanic
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitProgress(Command):
    """A report from the road or the workshop. ``status`` is where the reporter says it leads; checked."""

    notes: str | None = None
    images: tuple[str, ...] = ()
    service_ids: tuple[int, ...] = ()
    status: State | None = None


@dataclass(frozen=True, slots=True)
class EditProgress(Command):
    """An admin's correction of a report that waits; None leaves a field as it is."""

    report_id: int
    notes: str | None = None
    images: tuple[str, ...] | None = None
    service_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateProgress(Command):
    """An admin's word on a report: approved, or sent back with a reason."""

    report_id: int
    approved: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitAnalysis(Command):
    """What the mechanic found. ``quotes``: paise per unit for every requested line; ``recommended``: new lines."""

    description: str
    recommendation: str | None
    quotes: dict[int, Paise]
    recommended: tuple[Line, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditAnalysis(Command):
    """An admin's correction of an analysis that waits, prices too; None leaves a field as it is."""

    description: str | None = None
    recommendation: str | None = None
    quotes: dict[int, Paise] = field(default_factory=dict)
    recommended: tuple[Line, ...] | None = None
    images: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateAnalysis(Command):
    """An admin's word on the analysis; ``gst_percent`` is the rate of the moment, frozen into the booking."""

    approved: bool = True
    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ConfirmServices(Command):
    """The customer's line-by-line choice and how they will pay."""

    service_ids: tuple[int, ...]
    method: Method


@dataclass(frozen=True, slots=True)
class ChooseCash(Command):
    """Cash on delivery: the customer's choice for the approved estimate, or the collection opened at the door.

    ``order``: made by the workflow for the door, where the customer may pay online instead.
    """

    order: ProviderOrder | None = None


@dataclass(frozen=True, slots=True)
class VerifyCash(Command):
    """Cash was collected; the amount in paise must be the amount due."""

    amount: Paise


@dataclass(frozen=True, slots=True)
class RefusePayment(Command):
    """The customer does not pay at the door; an admin decides how it goes on."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RetryRefund(Command):
    """An admin has a refund tried now: the one under way at once, one that was given up by a new intent."""

    refund_row: int


@dataclass(frozen=True, slots=True)
class ClearAttention(Command):
    """An admin has looked at everything that asked for it."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reschedule(Command):
    """New times for one or both ways; None leaves a way as it is."""

    pickup: Leg | None = None
    drop: Leg | None = None


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Give the booking up; ``gst_percent`` is the rate of the moment for the fee while none is frozen."""

    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenOrder(Command):
    """The provider has made the order for an online choice."""

    choice: ConfirmServices
    order: ProviderOrder


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
class LapseDecision(EngineCommand):
    """The customer did not answer in time: cancelled with the inspection fee."""


@dataclass(frozen=True, slots=True)
class Alert(EngineCommand):
    """Something waits too long; an admin must look. ``key`` says what, once; ``lasting``: until somebody clears it."""

    key: str
    note: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class RecordRefund(EngineCommand):
    """What became of a refund. ``needs_help``: it does not go through by itself.

    Of one that failed: ``again`` when the bank failed and a new intent may succeed; ``left`` is what can be refunded
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
class Repair(EngineCommand):
    """The rows showed a transition that was lost with a worker; this one takes its place."""


@dataclass(frozen=True, slots=True)
class RecordInvoice(EngineCommand):
    """The books have numbered a document of this booking. ``kind``: invoice or credit-note."""

    kind: str
    id: int
    leg: str
    number: str
    amount: Paise
    invoice_number: str | None = None
