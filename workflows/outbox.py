"""The sender of bookings' e-mails: one workflow for all of them."""

from temporalio import workflow

from activities.outbox import OutboxActivities
from workflows import options

OUTBOX_ID = "email-outbox"
_ROUNDS = 200


@workflow.defn
class EmailOutboxWorkflow:
    """Keeps one activity running that sends what the outbox holds; a lost one is replaced after its heartbeats stop."""

    @workflow.run
    async def run(self) -> None:
        for _ in range(_ROUNDS):
            await workflow.execute_activity_method(
                OutboxActivities.drain_outbox, summary="send what waits", **options.OUTBOX
            )
        workflow.continue_as_new()
