"""Periodic check that the rows of bookings agree with their workflows."""

from temporalio import workflow

from activities.recovery import RecoveryActivities
from workflows import options


@workflow.defn
class ProjectionCheckWorkflow:
    """Finds workflows that stay behind their rows and has them go on from these; started by a Schedule."""

    @workflow.run
    async def run(self) -> int:
        found: int = await workflow.execute_activity_method(
            RecoveryActivities.check_projections, summary="compare rows and workflows", **options.AUDIT
        )
        return found
