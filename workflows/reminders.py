"""Cars that should come again are reminded of, day by day."""

import asyncio

from temporalio import workflow

from activities.reminders import BATCH, ReminderActivities
from workflows import options
from workflows.steps.mailing import send


@workflow.defn
class ServiceReminders:
    """One round; started every day by a Schedule.

    A mail that was given up is tried again by the next round, for it is still due; within a round each is met once.
    """

    @workflow.run
    async def run(self, booking_id: int = 0, months: int = 0) -> None:
        due = await workflow.execute_activity_method(
            ReminderActivities.due_reminders,
            args=[workflow.now(), booking_id, months],
            summary="what is due",
            **options.SWEEP,
        )
        await asyncio.gather(*(send(notice) for notice in due))
        if len(due) == BATCH:
            workflow.continue_as_new(args=[due[-1].booking_id, due[-1].sequence])
