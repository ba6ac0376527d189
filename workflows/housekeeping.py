"""Hourly removal of rows that have expired, by the rules of ``adapters.postgres.retention``."""

from temporalio import workflow

from activities.housekeeping import HousekeepingActivities
from workflows import options


@workflow.defn
class HousekeepingWorkflow:
    """Removes expired rows and answers how many, by table."""

    @workflow.run
    async def run(self) -> dict[str, int]:
        return await workflow.execute_activity_method(
            HousekeepingActivities.purge_expired, summary="remove expired rows", **options.MAINTENANCE
        )
