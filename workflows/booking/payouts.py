"""Payouts of a booking: what its kind wishes is done at the provider, step by step, and recorded.

One step at a time, each judged by the state of now. A step that fails is repeated for ever, ever later; every repeat
looks first whether the one before was done after all. A refund of the same payment waits for it, but not for ever.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from temporalio import workflow

from domain.billing.payout_steps import Doing, PayoutStep, payout_steps, payout_terms, refund_must_wait
from domain.billing.records import Refund
from domain.kind import B
from domain.money import rupees
from workflows.booking.messages import Start
from workflows.booking.payout_calls import PayoutCalls


class PayoutHandling(PayoutCalls[B]):
    """Outgoing money for others than the customer."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._paying_out = False
        self._doing: PayoutStep | None = None
        self._asked_elsewhere = workflow.info().start_time if start.booking.version > 0 else None

    async def take(self, rows: B) -> None:
        """Hold this state; whoever wrote it may have asked the provider for more, and the answer is lost."""
        await super().take(rows)
        self._asked_elsewhere = workflow.now()

    def note_payout_report(self, *, look: bool) -> None:
        """Something may have happened to a transfer (``look``: it is fetched), or to a payee's account.

        What got no answer is not asked for sooner: it may still be done.
        """
        self._transfers_reported = self._transfers_reported or look
        for each in self._in_vain.values():
            if each.looked is not None:
                each.again = min(each.again, workflow.now())
        self._changes += 1

    def payments_are_settled(self) -> bool:
        """Nothing is being asked of the provider either."""
        return super().payments_are_settled() and not self._paying_out and not self._transfers_reported

    def must_wait(self, refund: Refund) -> bool:
        """A refund follows what has to come before it, and what is being done to its payment now."""
        now, patience = workflow.now(), payout_terms(self.booking).patience
        if self._doing is not None and self._doing.payment_row == refund.payment_row:
            return now < refund.requested_at + patience
        steps = payout_steps(self.kind, self.booking)
        looked = {key: each.looked for key, each in self._in_vain.items() if each.looked is not None}
        return bool(steps) and refund_must_wait(self.booking, refund, steps, looked, now)

    async def run_payouts(self) -> None:
        """Do what the kind wishes, until the workflow ends. A booking that wishes nothing commands nothing."""
        while True:
            step = await self._next_step()
            self._paying_out = True
            if self._transfers_reported:
                await self.look_at_transfers()
            elif step is not None:
                self._doing = step
                await self.carry_out(step)
                self._doing = None
            self._paying_out = False

    async def _next_step(self) -> PayoutStep | None:
        """Wait until something is due, or reported; tell an admin of what goes on for too long."""
        while True:
            steps = [step for step in payout_steps(self.kind, self.booking) if not step.frozen]
            due = [step for step in steps if self._at(step) <= workflow.now()]
            if due or self._transfers_reported:
                return due[0] if due else None
            await self._tell_of_overdue()
            seen, at = self._changes, self._wakes_at(steps)
            if at is None:
                await workflow.wait_condition(lambda: self._changes != seen)  # noqa: B023 - awaited in this very turn
                continue
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._changes != seen,  # noqa: B023 - as above
                    timeout=at - workflow.now(),
                    timeout_summary=f"until the next try: {steps[0].subject}",
                )

    def _at(self, step: PayoutStep) -> datetime:
        """When a step is to be tried: at once where a refund has come since the payee was found without an account.

        What another run of the booking may have asked for is given time to settle.
        """
        known = self._in_vain.get(step.key)
        if known is None and self._asked_elsewhere is not None and step.doing is not Doing.RELEASE:
            return max(step.before, self._asked_elsewhere + payout_terms(self.booking).settle)
        if known is None or (known.looked and any(at > known.looked for at in self._refunds_asked_for(step))):
            return step.before
        return max(step.before, known.again)

    def _wakes_at(self, steps: Sequence[PayoutStep]) -> datetime | None:
        """The next try, the end of a refund's patience, or the time to tell an admin."""
        terms, now = payout_terms(self.booking), workflow.now()
        times = [self._at(step) for step in steps]
        times += [at + terms.patience for step in steps for at in self._refunds_asked_for(step)]
        known = [self._in_vain[step.key] for step in steps if step.key in self._in_vain]
        times += [each.since + terms.alert for each in known if each.looked is None]
        return min((at for at in times if at > now), default=None)

    async def _tell_of_overdue(self) -> None:
        """Once for each step: it does not go through for too long, or a refund waits no longer for it."""
        terms, now = payout_terms(self.booking), workflow.now()
        for step in payout_steps(self.kind, self.booking):
            known = self._in_vain.get(step.key)
            if known is None or known.looked is not None:
                continue
            waited = step.doing is not Doing.RELEASE and any(
                now >= at + terms.patience for at in self._refunds_asked_for(step)
            )
            if waited or now >= known.since + terms.alert:
                note = f"it does not go through to {step.doing} {rupees(step.amount)} ({step.key}): {known.why}"
                await self.request_attention(step.subject, note)

    def _refunds_asked_for(self, step: PayoutStep) -> list[datetime]:
        of_payment = [each for each in self.booking.refunds if each.payment_row == step.payment_row]
        return [each.requested_at for each in of_payment if each.unsettled]
