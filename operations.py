"""Commands for whoever runs the shop's computers. What is done at Temporal is a workflow as any other.

``python -m operations reconcile``: compare ledger, provider, bookings, documents and workflows now; print each
difference with the kind of its booking. Exit code 0 when the books agree, 1 when they do not.

``python -m operations replay FILE ..``: run histories of production against the workflows of this release, without a
server (``temporal workflow show -w ID --output json``). The kinds are those of ``REVCARE_KINDS``, as for a worker. Exit
code 1 when one of them could not go on, or when this release decides otherwise what was decided.
"""

import argparse
import asyncio
import os
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from adapters.temporal.client import connect
from settings import Process
from worker import installed
from workers.replay import replay
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


def main() -> None:
    """The command line of operators."""
    parser = argparse.ArgumentParser(prog="python -m operations", description="Commands for operators.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    comparing = verbs.add_parser("reconcile", help="compare the books now and print each difference")
    comparing.add_argument("--days", type=float, default=10, help="how far back to look (default 10)")
    comparing.add_argument(
        "--patience",
        type=float,
        default=30,
        help="seconds after which a difference is looked at again, and counts if it is still there (default 30)",
    )
    replaying = verbs.add_parser("replay", help="replay histories of production with the workflows of this release")
    replaying.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a history, from `temporal workflow show -w ID --output json`",
    )
    options = parser.parse_args()
    code = _replayed(options.files) if options.verb == "replay" else _reconciled(options.days, options.patience)
    sys.stdout.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(code)


def _reconciled(days: float, patience: float) -> int:
    answer = asyncio.run(reconcile(days, patience))
    print(report_text(answer))
    return 1 if answer.differences else 0


def _replayed(files: Sequence[Path]) -> int:
    failed = asyncio.run(replay(files, installed(Process().kinds)))
    for path in files:
        print(f"{path}: {failed.get(path, 'can go on')}")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
