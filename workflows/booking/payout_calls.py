"""Calls to the provider for payouts of a booking, and the record of what they brought."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payouts import PayoutActivities
from domain.billing.payout_steps import Doing, PayoutStep, payout_terms, reversal_key
from domain.billing.payouts import Payout
from domain.billing.transfers import (
    AccountStatus,
    ProviderReversal,
    ProviderTransfer,
    TransferOutcome,
    TransferRequest,
)
from domain.commands import Command, RecordRelease, RecordReversal, RecordTransfer
from domain.errors import BookingError
from domain.kind import B
from domain.money import rupees
from domain.pauses import growing_pause
from workflows import options
from workflows.booking.messages import Start
from workflows.booking.timers import TimerHandling

_LONGEST_PAUSE = timedelta(minutes=15)
_LONGEST_WAIT_FOR_ACCOUNT = timedelta(hours=6)


@dataclass(slots=True)
class InVain:
    """A step that was tried in vain: how often, since when, and when it is tried again.

    ``looked``: the last time that the payee had no account that takes money; else ``why`` says what was wrong.
    """

    since: datetime
    again: datetime
    times: int = 1
    looked: datetime | None = None
    why: str | None = None


class PayoutCalls(TimerHandling[B]):
    """One step at a time."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._in_vain: dict[str, InVain] = {}
        self._transfers_reported = False

    async def carry_out(self, step: PayoutStep) -> None:
        """Do a step and record it; one that fails is tried again later."""
        try:
            match step.doing:
                case Doing.TRANSFER | Doing.ABANDON:
                    await self._transfer(step)
                case Doing.REVERSE:
                    await self._reverse(step)
                case Doing.RELEASE:
                    await self._release(step)
        except (ActivityError, BookingError) as fault:
            detail = fault.detail if isinstance(fault, BookingError) else "the payment provider does not answer"
            await self._failed(step, detail)

    async def _transfer(self, step: PayoutStep) -> None:
        booking, wish = self.booking, step.wish
        since = next(each.created_at for each in booking.payments if each.id == step.payment_row)
        wanted = TransferRequest(
            self.kind.name, booking.id, step.key, wish.payee, step.payment_id, step.amount, not wish.release, since
        )
        outcome: TransferOutcome = await self.run_activity(
            workflow.execute_activity_method(
                PayoutActivities.create_transfer, wanted, summary=f"transfer {step.key}", **options.PAYOUT
            )
        )
        if outcome.transfer is None and step.doing is Doing.ABANDON:
            await self._record_payout(step, replace(self._waiting(step, "nothing is to be paid out"), failed=True))
            return
        if outcome.transfer is None:
            await self._wait_for_account(step, outcome.status)
            return
        await self._record_payout(step, self._transferred(step, outcome.transfer))

    def _transferred(self, step: PayoutStep, made: ProviderTransfer) -> RecordTransfer:
        return RecordTransfer(
            step.key,
            step.wish.payee,
            step.payment_row,
            made.amount,
            on_hold=made.on_hold,
            account_id=made.account_id,
            transfer_id=made.transfer_id,
            failed=made.failed,
            note=made.error if made.failed else None,
            details=step.wish.details,
        )

    async def _wait_for_account(self, step: PayoutStep, status: AccountStatus) -> None:
        """The payout stays pending; it is looked at again when something is reported, and by the clock."""
        now, known = workflow.now(), self._in_vain.get(step.key)
        times = known.times + 1 if known is not None and known.looked is not None else 1
        pause = growing_pause(payout_terms(self.booking).settle, _LONGEST_WAIT_FOR_ACCOUNT, times - 1)
        self._in_vain[step.key] = InVain(now, now + pause, times, looked=now)
        note = f"the account of {step.wish.payee} takes no money: {status}"
        if not any(
            (each.key, each.note, each.amount) == (step.key, note, step.amount) for each in self.booking.payouts
        ):
            await self._record(self._waiting(step, note))

    def _waiting(self, step: PayoutStep, note: str) -> RecordTransfer:
        wish = step.wish
        return RecordTransfer(step.key, wish.payee, step.payment_row, step.amount, note=note, details=wish.details)

    async def _release(self, step: PayoutStep) -> None:
        await self.run_activity(
            workflow.execute_activity_method(
                PayoutActivities.release_transfer,
                step.transfer_id or "",
                summary=f"release {step.key}",
                **options.PAYOUT,
            )
        )
        await self._record_payout(step, RecordRelease(step.key, step.wish.details))

    async def _reverse(self, step: PayoutStep) -> None:
        known = [each.reversal_id for each in self._payout(step.key).reversals]
        made: list[ProviderReversal] = await self.run_activity(
            workflow.execute_activity_method(
                PayoutActivities.reverse_transfer,
                args=[step.transfer_id, step.amount, reversal_key(self.booking), known],
                summary=f"take back {rupees(step.amount)} of {step.key}",
                **options.PAYOUT,
            )
        )
        for each in made:
            await self._record_payout(step, self._reversed(step.key, each, step.wish.details))

    def _reversed(self, key: str, made: ProviderReversal, details: dict[str, str | None]) -> RecordReversal:
        return RecordReversal(key, made.key or f"by-hand-{made.reversal_id}", made.reversal_id, made.amount, details)

    async def look_at_transfers(self) -> None:
        """Record what became of transfers without us: they failed, staff reversed them."""
        self._transfers_reported = False
        made = {each.transfer_id: each for each in self.booking.payouts if each.made and each.transfer_id}
        if not made:
            return
        try:
            found: list[ProviderTransfer] = await self.run_activity(
                workflow.execute_activity_method(
                    PayoutActivities.fetch_transfers,
                    list(made),
                    summary="facts of transfers",
                    **options.PROVIDER_BOUNDED,
                )
            )
        except (ActivityError, BookingError):
            await self.request_attention("transfers", "what became of the booking's transfers is not known")
            return
        for each in found:
            await self._record_news(made[each.transfer_id], each)

    async def _record_news(self, payout: Payout, fact: ProviderTransfer) -> None:
        known = {each.reversal_id for each in payout.reversals}
        for each in fact.reversals:
            if each.reversal_id not in known:
                await self._record(self._reversed(payout.key, each, payout.details))
        if fact.failed:
            who, row = payout.payee, payout.payment_row
            note, details = fact.error, payout.details
            await self._record(
                RecordTransfer(payout.key, who, row, payout.amount, failed=True, note=note, details=details)
            )

    async def _record_payout(self, step: PayoutStep, command: RecordTransfer | RecordRelease | RecordReversal) -> None:
        self._in_vain.pop(step.key, None)
        await self._record(command)

    async def _record(self, command: Command) -> None:
        """What the provider has done; known already, it changes nothing."""
        async with self._lock:
            try:
                await self.transition_again(lambda: command)
            except BookingError as refusal:
                workflow.logger.info("a payout was not recorded: %s", refusal.detail)

    def _payout(self, key: str) -> Payout:
        return next(each for each in self.booking.payouts if each.key == key)

    async def _failed(self, step: PayoutStep, why: str) -> None:
        """Again, ever later. What was asked for may be done all the same: from now on a row says so."""
        now, known = workflow.now(), self._in_vain.get(step.key)
        since, times = (known.since, known.times + 1) if known is not None and known.looked is None else (now, 1)
        again = now + growing_pause(payout_terms(self.booking).settle, _LONGEST_PAUSE, times - 1)
        self._in_vain[step.key] = InVain(since, again, times, why=why)
        if step.doing is Doing.TRANSFER and not any(each.key == step.key for each in self.booking.payouts):
            await self._record(self._waiting(step, why))
