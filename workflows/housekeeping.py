"""The hourly round: tokens that have expired and failed logins of long ago."""

from temporalio import workflow

from activities.housekeeping import HousekeepingActivities
from workflows import options


@workflow.defn
class Housekeeping:
    """Throws away what is past its time, and says how much that was."""

    @workflow.run
    async def run(self) -> dict[str, int]:
        return await workflow.execute_activity_method(
            HousekeepingActivities.throw_away, summary="throw away what is past its time", **options.SWEEP
        )
