"""Money going back, for as long as the provider takes.

A workflow of its own, so that a booking's story does not have to wait at the counter. Its id is made of the
idempotency key: one intent, one workflow, one refund. It ends when the provider has sent the money or failed for
good; what follows then (another intent, a call for an admin) is the booking's to decide.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import repeat

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.payments import PaymentActivities
from domain.errors import BookingError, LowBalance, PaymentRejected
from domain.payments import ProviderRefund, RefundStatus
from kinds.vehicle_service.domain.commands import RecordRefund
from workflows import options

LOOK_AGAIN = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=1) for _ in range(10)),
)
"""When a pending refund is looked at without being told; then an admin is asked and it goes on weekly."""

TRY_AGAIN = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=1) for _ in range(7)),
)
"""When a refund that did not leave (no balance, no answer) is tried again; then weekly. A push shortens each."""

_CONFLICT = 409
_WEEKLY = timedelta(days=7)


class Word(StrEnum):
    """What a dispute says to a refund that has not left yet."""

    WAIT = "wait"
    GO_ON = "go-on"
    GIVE_UP = "give-up"


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What to send back, and which booking wants to know."""

    booking_workflow: str
    refund_row: int
    payment_id: str
    amount: int
    key: str


class _CannotBeSent(Exception):
    """The provider will not make this refund; ``report`` says so to the booking."""

    def __init__(self, report: RecordRefund) -> None:
        super().__init__(report.note)
        self.report = report


@workflow.defn(failure_exception_types=[BookingError])
class RefundWorkflow:
    """One refund."""

    @workflow.init
    def __init__(self, order: RefundOrder) -> None:
        self._order = order
        self._told = False
        self._pushed = False
        self._word = Word.GO_ON
        self._denied: str | None = None

    @workflow.run
    async def run(self, order: RefundOrder) -> str:
        try:
            refund = await self._refund_up_to()
        except _CannotBeSent as end:
            await self._report(end.report)
            return RefundStatus.FAILED
        refund = await self._until_the_bank_is_done(refund)
        failed = refund.status == RefundStatus.FAILED
        await self._tell(refund, needs_help=False, note="the bank failed the refund" if failed else None)
        return refund.status

    @workflow.signal(description="Something may have happened to this refund; it is fetched before it counts.")
    def refund_reported(self) -> None:
        self._told = True

    @workflow.signal(description="Admin: try now instead of waiting.")
    def retry(self) -> None:
        self._pushed = True

    @workflow.signal(description="A dispute of the payment: wait, go on, or give up (the bank has paid).")
    def dispute_says(self, word: Word) -> None:
        self._word = word

    async def _refund_up_to(self) -> ProviderRefund:
        """The provider takes the refund, however long it is down; an admin is told what keeps it."""
        patience = _patiently(TRY_AGAIN)
        tried = False
        while True:
            await self._no_dispute()
            try:
                if not tried:
                    await self._is_still_there()
                tried = True
                refund: ProviderRefund = await workflow.execute_activity_method(
                    PaymentActivities.refund,
                    args=[self._order.payment_id, self._order.amount, self._order.key, tried],
                    summary=f"refund {self._order.key}",
                    **options.PROVIDER_FOR_A_WHILE,
                )
                return refund
            except ActivityError as failure:
                if isinstance(failure.cause, PaymentRejected):
                    raise _CannotBeSent(await self._why(failure.cause)) from None
                await self._ask_for_help(_words(failure))
            await self._wait_for_push(next(patience))

    async def _is_still_there(self) -> None:
        """Staff may have refunded by hand what we want to refund: then nothing is sent twice."""
        left = await self._left()
        if left < self._order.amount:
            raise _CannotBeSent(self._failed("it was refunded by hand", left=left))

    async def _left(self) -> int:
        left: int = await workflow.execute_activity_method(
            PaymentActivities.refundable,
            self._order.payment_id,
            summary=f"what is left of {self._order.payment_id}",
            **options.PROVIDER_FOR_A_WHILE,
        )
        return left

    async def _why(self, refusal: PaymentRejected) -> RecordRefund:
        """A refusal for good: the money is not there any more, or something is wrong with us."""
        note = f"the refund was refused: {refusal.detail}"[:300]
        if refusal.data.get("provider_status") == _CONFLICT:
            workflow.logger.error("a refund's key was used for another request: %s", self._order.key)
            return self._failed(note)
        with suppress(ActivityError):
            left = await self._left()
            if left < self._order.amount:
                return self._failed(note, left=left)
        return self._failed(note)

    def _failed(self, note: str, left: int | None = None) -> RecordRefund:
        row = self._order.refund_row
        return RecordRefund(row, RefundStatus.FAILED, None, left is None, note, left=left)

    async def _no_dispute(self) -> None:
        await workflow.wait_condition(lambda: self._word is not Word.WAIT)
        if self._word is Word.GIVE_UP:
            raise _CannotBeSent(self._failed("the bank has paid the customer"))

    async def _ask_for_help(self, note: str) -> None:
        await self._report(RecordRefund(self._order.refund_row, RefundStatus.PENDING, None, True, note[:300]))

    async def _wait_for_push(self, patience: timedelta) -> None:
        self._pushed = False
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._pushed or self._word is not Word.GO_ON,
                timeout=patience,
                timeout_summary="refund: next try",
            )

    async def _until_the_bank_is_done(self, refund: ProviderRefund) -> ProviderRefund:
        for looks, patience in enumerate(_patiently(LOOK_AGAIN)):
            if refund.status != RefundStatus.PENDING:
                break
            late = looks >= len(LOOK_AGAIN)
            note = self._denied or "the provider is processing the refund"
            await self._tell(refund, needs_help=late or self._denied is not None, note=note)
            refund = await self._look_after(patience, refund)
        return refund

    async def _look_after(self, patience: timedelta, known: ProviderRefund) -> ProviderRefund:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._told or self._pushed, timeout=patience, timeout_summary="refund: look again"
            )
        self._told = self._pushed = False
        try:
            found: ProviderRefund = await workflow.execute_activity_method(
                PaymentActivities.fetch_refund,
                known.refund_id,
                summary=f"facts of {known.refund_id}",
                **options.PROVIDER_FOR_A_WHILE,
            )
        except ActivityError as failure:
            self._denied = _words(failure)[:300]
            return known
        self._denied = None
        return found

    async def _tell(self, refund: ProviderRefund, *, needs_help: bool, note: str | None) -> None:
        status = RefundStatus(refund.status)
        again = status is RefundStatus.FAILED
        row = self._order.refund_row
        await self._report(RecordRefund(row, status, refund.refund_id, needs_help, note, again=again))

    async def _report(self, report: RecordRefund) -> None:
        booking = workflow.get_external_workflow_handle(self._order.booking_workflow)
        try:
            await booking.signal("refund_reported", report)
        except ApplicationError:
            workflow.logger.warning("the booking is closed and does not hear of its refund")


def _patiently(pauses: tuple[timedelta, ...]) -> Iterator[timedelta]:
    """These pauses, then a week each."""
    yield from pauses
    yield from repeat(_WEEKLY)


def _words(failure: ActivityError) -> str:
    if isinstance(failure.cause, LowBalance):
        return "our balance with the payment provider is too low for the refund"
    if isinstance(failure.cause, BookingError):
        return f"the refund does not go through: {failure.cause.detail}"
    return "the refund does not go through: the payment provider does not answer"
