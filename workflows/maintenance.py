"""Work that belongs to no single booking."""

from datetime import timedelta

from temporalio import workflow

from activities.aftercare import AftercareActivities
from activities.sweeps import SweepActivities
from workflows import options

SWEEP_ID = "payment-sweep"
_ROUNDS = 200


@workflow.defn
class PaymentSweep:
    """Delivers hints that got lost and polls open orders. One for all: a poll inside a booking costs history there."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity_method(SweepActivities.tidy, summary="tidy up", **options.CHORE)
        for _ in range(_ROUNDS):
            pause = await workflow.execute_activity_method(SweepActivities.sweep, summary="look", **options.SWEEP)
            await workflow.sleep(timedelta(seconds=pause), summary="until the next look")
        workflow.continue_as_new()


@workflow.defn
class ProjectionCheck:
    """Rows that are ahead of their workflow for good are found and put right; started by a Schedule."""

    @workflow.run
    async def run(self) -> int:
        found: int = await workflow.execute_activity_method(
            AftercareActivities.check_rows, summary="compare rows and stories", **options.AUDIT
        )
        return found
