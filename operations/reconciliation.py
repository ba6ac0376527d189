"""The comparison of the books, asked for from a terminal."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from adapters.temporal.client import connect
from workflows.booking.messages import PAYMENTS_QUEUE
from workflows.reconciliation import ReconciliationInput, ReconciliationResult, ReconciliationWorkflow


async def reconcile(days: float, patience: float) -> ReconciliationResult:
    """Have the books compared now, beside whatever comparison the clock or an admin has asked for."""
    client = await connect()
    return await client.execute_workflow(
        ReconciliationWorkflow.run,
        ReconciliationInput(timedelta(days=days), timedelta(seconds=patience)),
        id=f"reconciliation-{uuid.uuid4()}",
        task_queue=PAYMENTS_QUEUE,
        static_summary="asked for by an operator",
    )


def report_text(answer: ReconciliationResult) -> str:
    """The result, a line for each difference."""
    of_kinds = (f"{kind}: {_counted(checked)}" for kind, checked in answer.kinds.items())
    compared = "; ".join([_counted(answer.checked), *of_kinds])
    lines = [
        f"{each.kind}  booking {each.booking_id or '?'} of {each.booking_kind or '?'}  {each.detail}"
        for each in answer.differences
    ]
    verdict = "the books agree" if not lines else f"{len(lines)} differences"
    return "\n".join([f"reconciliation {answer.number}: {verdict} (compared: {compared})", *lines])


def _counted(checked: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in checked.items())
