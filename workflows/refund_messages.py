"""What the workflow of a refund is given, told, and carries from one run to the next."""

from dataclasses import dataclass
from enum import StrEnum

from domain.billing.provider import ProviderRefund


class DisputeInstruction(StrEnum):
    """What a refund that was not sent yet must do while or after its payment is disputed.

    A booking says "proceed" by a signal of its own, which names disputes; bookings of release 0.2.0 say it by this.
    """

    WAIT = "wait"
    PROCEED = "proceed"
    ABANDON = "abandon"


@dataclass(slots=True)
class RefundProgress:
    """How far a refund is; carried into the next run of a long one.

    ``pauses`` that ended by themselves; ``vain``: reports in a row that brought nothing new. ``asked``: disputes that
    the booking was told of; ``settled``: those that it has recorded as decided, as far as it has said so.
    """

    sent: ProviderRefund | None = None
    pauses: int = 0
    vain: int = 0
    signalled: bool = False
    retry_now: bool = False
    instruction: DisputeInstruction = DisputeInstruction.PROCEED
    asked: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundInput:
    """What to refund, and the workflow to report to; ``progress``: how far the run before this one came.

    ``settled``: disputes of the payment that the booking had recorded as decided when it started this workflow: what
    the bank took for them is not in ``amount``.
    """

    booking_workflow: str
    refund_row: int
    payment_id: str
    amount: int
    key: str
    progress: RefundProgress | None = None
    settled: tuple[str, ...] = ()
