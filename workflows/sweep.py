"""Maintenance of payments: one workflow for all bookings."""

from datetime import timedelta

from temporalio import workflow

from activities.account_poll import AccountCursor, AccountPollActivities
from activities.sweeps import SweepActivities
from workflows import options

SWEEP_ID = "payment-sweep"
_ROUNDS = 200


@workflow.defn
class PaymentSweepWorkflow:
    """Delivers payment events whose signal was lost, polls open orders, and reads the provider's lists.

    One workflow for all bookings: a poll inside a booking's workflow would cost history there.
    """

    def __init__(self) -> None:
        self._failures = 0

    @workflow.query(description="So many looks in a row at the provider's lists had no answer.")
    def looks_without_answer(self) -> int:
        return self._failures

    @workflow.run
    async def run(self, account: AccountCursor | None = None) -> None:
        account = account or AccountCursor()
        self._failures = account.failures
        if not workflow.patched("idempotency-keys-expire-with-other-rows"):
            await workflow.execute_activity_method(
                SweepActivities.purge_idempotency_keys, summary="remove expired idempotency keys", **options.MAINTENANCE
            )
        for _ in range(_ROUNDS):
            pause = await workflow.execute_activity_method(SweepActivities.sweep, summary="sweep", **options.SWEEP)
            if account.due is None or account.due <= workflow.now():
                account = await workflow.execute_activity_method(
                    AccountPollActivities.poll_account,
                    args=[account, workflow.now()],
                    summary="the provider's lists",
                    **options.SWEEP,
                )
                self._failures = account.failures
            await workflow.sleep(timedelta(seconds=pause), summary="until the next round")
        workflow.continue_as_new(account)
