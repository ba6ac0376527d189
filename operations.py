"""Commands for whoever runs the shop's computers. They speak to Temporal; what is done is a workflow as any other.

``revcare-operate reconcile``: compare ledger, provider, bookings, documents and workflows now; print each difference.
Exit code 0 when the books agree, 1 when they do not.
"""

import argparse
import asyncio
import os
import sys
import uuid
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


def told(answer: ReconciliationResult) -> str:
    """The result, a line for each difference."""
    compared = ", ".join(f"{count} {what}" for what, count in answer.checked.items())
    lines = [f"{each.kind}  booking {each.booking_id or '?'}  {each.detail}" for each in answer.differences]
    verdict = "the books agree" if not lines else f"{len(lines)} differences"
    return "\n".join([f"reconciliation {answer.number}: {verdict} (compared: {compared})", *lines])


def main() -> None:
    """The ``revcare-operate`` command."""
    parser = argparse.ArgumentParser(prog="revcare-operate", description="Commands for operators.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    comparing = verbs.add_parser("reconcile", help="compare the books now and print each difference")
    comparing.add_argument("--days", type=float, default=10, help="how far back to look (default 10)")
    comparing.add_argument("--patience", type=float, default=30, help="seconds that differences get to settle")
    options = parser.parse_args()
    answer = asyncio.run(reconcile(options.days, options.patience))
    print(told(answer))
    sys.stdout.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(1 if answer.differences else 0)


if __name__ == "__main__":
    main()
