"""What a process of the API needs, part by part: without PostgreSQL it can do nothing, without any other part less."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from adapters.part_checks import emails_must_leave
from adapters.parts import Degraded, Parts
from adapters.resources import Resources
from adapters.temporal.reachability import POLLED_WITHIN, last_poll, must_have_namespace
from workflows.booking.messages import BOOKINGS_QUEUE, PAYMENTS_QUEUE
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow

NEEDED = "postgresql"
_PROVIDER_ASKED_EVERY, _PROVIDER_ASKED_FOR = 5.0, timedelta(seconds=0.9)
_NOBODY = (RPCError, TimeoutError, WorkflowQueryFailedError, WorkflowQueryRejectedError)


def parts_of_the_api(resources: Resources) -> Parts:
    """Each part with the question that tells how it is."""
    return Parts(
        {
            NEEDED: resources.ping_rows,
            "mongodb": resources.mongo.ping,
            "temporal": partial(must_have_namespace, resources.temporal),
            "workflows": partial(_must_be_polled, resources, BOOKINGS_QUEUE, "workflows"),
            "activities": partial(_must_be_polled, resources, PAYMENTS_QUEUE, "activities"),
            "mail": partial(emails_must_leave, resources.database),
            "provider": _Provider(resources.temporal).must_answer,
        }
    )


async def _must_be_polled(resources: Resources, queue: str, role: str) -> None:
    asked = await last_poll(resources.temporal, queue, of_workflows=True)
    if asked is None:
        raise Degraded(f"no worker of the role {role} asks for work")
    if datetime.now(UTC) - asked > POLLED_WITHIN:
        raise Degraded(f"no worker of the role {role} has asked for work since {asked:%Y-%m-%d %H:%M:%S} UTC")


class _Provider:
    """The payment provider as the workers find it. They are asked now and then, for each answer is work for them."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal
        self._failures = 0
        self._asked_at = float("-inf")

    async def must_answer(self) -> None:
        """Nothing, if the last look at its lists was answered.

        Raises:
            Degraded: it was not, or nobody looks.
        """
        clock = asyncio.get_running_loop().time
        if clock() - self._asked_at >= _PROVIDER_ASKED_EVERY:
            sweep = self._temporal.get_workflow_handle(SWEEP_ID)
            try:
                async with asyncio.timeout(_PROVIDER_ASKED_FOR.total_seconds()):
                    self._failures = await sweep.query(PaymentSweepWorkflow.looks_without_answer)
            except _NOBODY:
                raise Degraded("not known: no worker tells how it is") from None
            self._asked_at = clock()
        if self._failures:
            raise Degraded(f"{self._failures} looks in a row at its lists had no answer, or our key was refused")
