"""Disputes of a booking: fetched, recorded, and refunds of their payment told.

A dispute may be reported before the payment that it is about: webhooks come in any order, and some not at all. It is
not refused then: the order of that payment is fetched, and until that shows the payment the dispute is fetched again.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payments import PaymentActivities
from domain.billing.provider import ProviderDispute
from domain.commands import RecordDispute
from domain.errors import BookingError, PaymentProblem
from domain.kind import B
from workflows import options
from workflows.booking.messages import Start
from workflows.booking.payments import PaymentHandling

_PAYMENT_UNKNOWN = "2026-11-dispute-waits-for-its-payment"


class DisputeHandling(PaymentHandling[B]):
    """What customers ask back through their bank."""

    payment_unknown_at_most = timedelta(days=6)
    """So long a dispute waits for its payment to be known. A late authorisation comes within that time (the account's
    list of payments is read as far back); what is not known then is for an admin, who was told at the beginning."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._disputes_to_fetch: list[str] = []

    def enqueue_dispute(self, dispute_id: str) -> None:
        """Something may have happened to this dispute: it will be fetched."""
        if dispute_id not in self._disputes_to_fetch:
            self._disputes_to_fetch.append(dispute_id)

    def is_held(self, payment_id: str) -> bool:
        """A dispute keeps the money of this payment where it is, also one that could not be recorded yet."""
        return super().is_held(payment_id) or self._rechecks.concern(payment_id)

    def disputes_can_be_recorded(self) -> bool:
        """A dispute waits for a payment that the booking has come to know."""
        return bool(self._rechecks) and self._rechecks.payment_is_known(self._payments())

    async def settle_disputes(self) -> None:
        """Fetch every dispute that was reported, or whose payment has become known, and record it."""
        self._rechecks.wake(self._payments(), workflow.now())
        while self._disputes_to_fetch:
            await self._settle_dispute(self._disputes_to_fetch.pop(0))

    async def _settle_dispute(self, dispute_id: str) -> None:
        try:
            dispute: ProviderDispute = await self.run_activity(
                workflow.execute_activity_method(
                    PaymentActivities.fetch_dispute,
                    dispute_id,
                    summary=f"facts of {dispute_id}",
                    **options.PROVIDER_BOUNDED,
                )
            )
        except PaymentProblem as refusal:
            self._rechecks.done(dispute_id)
            await self.request_attention(f"dispute {dispute_id}", f"the provider denies {dispute_id}: {refusal.detail}")
            return
        except (BookingError, ActivityError) as fault:
            self._rechecks.failed(dispute_id, workflow.now(), dispute=True)
            await self.request_attention(f"dispute {dispute_id}", f"what became of {dispute_id} is not known: {fault}")
            return
        if not self._knows(dispute) and workflow.patched(_PAYMENT_UNKNOWN) and not await self._finds_payment(dispute):
            return
        self._rechecks.done(dispute_id)
        version = self.booking.version
        await self.record(RecordDispute(dispute))
        self._vain.looked(dispute_id, workflow.now(), news=self.booking.version > version)
        await self.instruct_refunds(dispute.payment_id)

    async def _finds_payment(self, dispute: ProviderDispute) -> bool:
        """Fetch the order of the payment; without it the dispute waits, unless it is not of this booking."""
        self._vain.looked(dispute.dispute_id, workflow.now(), news=False)
        try:
            order_id: str | None = await self.run_activity(
                workflow.execute_activity_method(
                    PaymentActivities.order_of,
                    dispute.payment_id,
                    summary=f"order of {dispute.payment_id}",
                    **options.PROVIDER_BOUNDED,
                )
            )
        except (BookingError, ActivityError):
            await self._wait_for_payment(dispute)
            return False
        if order_id is None or not await self.knows_order(order_id):
            self._rechecks.done(dispute.dispute_id)
            why = f"{dispute.payment_id} is not of this booking"
            await self.request_attention(f"foreign {dispute.dispute_id}", f"{dispute.dispute_id} was dropped: {why}")
            return False
        if not self._knows(dispute):
            await self.settle(order_id)
        if not self._knows(dispute):
            await self._wait_for_payment(dispute)
            return False
        return True

    async def _wait_for_payment(self, dispute: ProviderDispute) -> None:
        """It is fetched again when the payment is known, and after pauses that grow, for a limited time."""
        about, now = f"dispute {dispute.dispute_id} of {dispute.payment_id}", workflow.now()
        since = self._rechecks.payment_unknown(dispute.dispute_id, dispute.payment_id, now)
        if now - since < self.payment_unknown_at_most:
            await self.request_attention(f"unknown {dispute.dispute_id}", f"{about}: that payment is not known yet")
            return
        self._rechecks.done(dispute.dispute_id)
        await self.request_attention(
            f"given up {dispute.dispute_id}", f"{about}: that payment has not come to be known"
        )

    def _knows(self, dispute: ProviderDispute) -> bool:
        return dispute.payment_id in self._payments()

    def _payments(self) -> set[str]:
        return {each.payment_id for each in self.booking.payments if each.payment_id is not None}
