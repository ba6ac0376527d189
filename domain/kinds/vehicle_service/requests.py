"""What people and the world ask of a booking: the payloads of updates, and the engine's own moves.

Whoever builds a request has looked up the facts in it (a mechanic's qualifications, a service's title, the GST of
the moment); whether the booking grants it is decided by the rules alone.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from domain.kinds.vehicle_service.booking import Job, Leg, Line, Mechanic, Method
from domain.kinds.vehicle_service.life import State
from domain.money import Paise
from domain.payments import ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund, RefundStatus
from domain.people import SYSTEM, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Asked by people, who have read the booking's row; ``seen`` is the version that it showed (0: not known)."""

    seen: int = 0


@dataclass(frozen=True, slots=True)
class Assign(Asked):
    """Give a job to a mechanic, or to another one instead."""

    actor: Actor
    job: Job
    mechanic: Mechanic
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitProgress(Asked):
    """A report from the road or the workshop. ``status`` is where the reporter says it leads; checked."""

    actor: Actor
    notes: str | None = None
    images: tuple[str, ...] = ()
    service_ids: tuple[int, ...] = ()
    status: State | None = None


@dataclass(frozen=True, slots=True)
class EditProgress(Asked):
    """An admin's correction of a report that waits; None leaves a field as it is."""

    actor: Actor
    report_id: int
    notes: str | None = None
    images: tuple[str, ...] | None = None
    service_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateProgress(Asked):
    """An admin's word on a report: approved, or sent back with a reason."""

    actor: Actor
    report_id: int
    approved: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitAnalysis(Asked):
    """What the mechanic found. ``quotes``: paise per unit for every requested line; ``recommended``: new lines."""

    actor: Actor
    description: str
    recommendation: str | None
    quotes: dict[int, Paise]
    recommended: tuple[Line, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditAnalysis(Asked):
    """An admin's correction of an analysis that waits, prices too; None leaves a field as it is."""

    actor: Actor
    description: str | None = None
    recommendation: str | None = None
    quotes: dict[int, Paise] = field(default_factory=dict)
    recommended: tuple[Line, ...] | None = None
    images: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateAnalysis(Asked):
    """An admin's word on the analysis; ``gst_percent`` is the rate of the moment, frozen into the booking."""

    actor: Actor
    approved: bool = True
    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ConfirmServices(Asked):
    """The customer's line-by-line choice and how they will pay."""

    actor: Actor
    service_ids: tuple[int, ...]
    method: Method


@dataclass(frozen=True, slots=True)
class ChooseCash(Asked):
    """Cash on delivery: the customer's choice for the approved estimate, or the collection opened at the door.

    ``order``: made by the workflow for the door, where the customer may pay online instead.
    """

    actor: Actor
    order: ProviderOrder | None = None


@dataclass(frozen=True, slots=True)
class VerifyCash(Asked):
    """Cash was collected; the amount in paise must be the amount due."""

    actor: Actor
    amount: Paise


@dataclass(frozen=True, slots=True)
class RefusePayment(Asked):
    """The customer does not pay at the door; an admin decides how it goes on."""

    actor: Actor
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RetryRefund(Asked):
    """An admin has a refund tried now: the one under way at once, one that was given up by a new intent."""

    actor: Actor
    refund_row: int


@dataclass(frozen=True, slots=True)
class ClearAttention(Asked):
    """An admin has looked at everything that asked for it."""

    actor: Actor
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reschedule(Asked):
    """New times for one or both ways; None leaves a way as it is."""

    actor: Actor
    pickup: Leg | None = None
    drop: Leg | None = None


@dataclass(frozen=True, slots=True)
class Cancel(Asked):
    """Give the booking up; ``gst_percent`` is the rate of the moment for the fee while none is frozen."""

    actor: Actor
    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """The provider has made the order for an online choice."""

    choice: ConfirmServices
    order: ProviderOrder
    actor: Actor


@dataclass(frozen=True, slots=True)
class TakePayment:
    """Captured money that matches what we asked for."""

    payment: ProviderPayment
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class NotePaymentFailure:
    """An attempt to pay failed; another may follow, even with the same id. ``note`` says more than the provider."""

    payment: ProviderPayment
    note: str | None = None
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class ReturnMoney:
    """Captured money that is not wanted (late, second, superseded, wrong): it goes back whole."""

    payment: ProviderPayment
    reason: str
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class LapseOrder:
    """The payment window is over: the order is closed to us, the booking waits on."""

    order_id: str
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class LapseDecision:
    """The customer did not answer in time: cancelled with the inspection fee."""

    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class Alert:
    """Something waits too long; an admin must look. ``key`` says what, once; ``lasting``: until somebody clears it."""

    key: str
    note: str
    lasting: bool = False
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class RecordRefund:
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
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class AdoptRefund:
    """A refund that we did not ask for: made in the provider's dashboard, or changed there since we knew of it."""

    refund: ProviderRefund
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class RecordDispute:
    """How a dispute stands."""

    dispute: ProviderDispute
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class Repair:
    """The rows showed a move that was lost with a worker; this one takes its place."""

    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class RecordInvoice:
    """The books have numbered a document of this booking. ``kind``: invoice or credit-note."""

    kind: str
    id: int
    leg: str
    number: str
    amount: Paise
    invoice_number: str | None = None
    actor: Actor = SYSTEM


Request = (
    Assign
    | SubmitProgress
    | EditProgress
    | ValidateProgress
    | SubmitAnalysis
    | EditAnalysis
    | ValidateAnalysis
    | ConfirmServices
    | ChooseCash
    | VerifyCash
    | RefusePayment
    | RetryRefund
    | ClearAttention
    | Reschedule
    | Cancel
    | OpenOrder
    | TakePayment
    | NotePaymentFailure
    | ReturnMoney
    | LapseOrder
    | LapseDecision
    | Alert
    | RecordRefund
    | AdoptRefund
    | RecordDispute
    | Repair
    | RecordInvoice
)
