"""Daily reminders to owners whose cars are due for service."""

import asyncio

from temporalio import workflow

from kinds.vehicle_service.activities import BATCH, ReminderActivities
from workflows import options
from workflows.email import send


@workflow.defn
class ServiceRemindersWorkflow:
    """One round; started every day by a Schedule.

    An e-mail that was given up is tried again by the next round, for it is still due; within a round each is sent once.
    """

    @workflow.run
    async def run(self, booking_id: int = 0, months: int = 0) -> None:
        due = await workflow.execute_activity_method(
            ReminderActivities.due_reminders,
            args=[workflow.now(), booking_id, months],
            summary="find due reminders",
            **options.MAINTENANCE,
        )
        await asyncio.gather(*(send(notice) for notice in due))
        if len(due) == BATCH:
            workflow.continue_as_new(args=[due[-1].booking_id, due[-1].sequence])
