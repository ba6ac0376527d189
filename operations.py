"""Commands for whoever runs the shop's computers. What is done at Temporal is a workflow as any other.

``python -m operations reconcile``: compare ledger, provider, bookings, documents and workflows now; print each
difference with the kind of its booking. Exit code 0 when the books agree, 1 when they do not.

``python -m operations replay FILE ..``: run histories of production against the workflows of this release, without a
server (``temporal workflow show -w ID --output json``). The kinds are those of ``REVCARE_KINDS``, as for a worker. Exit
code 1 when one of them could not go on, or when this release decides otherwise what was decided.

``python -m operations recovery [show | go-on | restart BOOKING]``: bookings without a workflow and workflows that fail
(``docs/runbook-recovery.md``). Exit code 1 when some are, or when it is refused.
"""

import argparse
import asyncio
import getpass
import os
import sys
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from temporalio.client import WorkflowUpdateFailedError

from adapters.temporal.client import connect
from domain.errors import BookingError
from domain.recovery import BookingRef, RecoveryState
from settings import Process
from worker import installed
from workers.replay import replay
from workflows.booking.messages import PAYMENTS_QUEUE
from workflows.reconciliation import ReconciliationInput, ReconciliationResult, ReconciliationWorkflow
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow

_ANSWERED_WITHIN = timedelta(seconds=10)


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


async def recovery(action: str, booking: BookingRef | None) -> RecoveryState:
    """Have the recovery go on, or start one booking again; answers how it stands then.

    Raises:
        BookingError: it was refused.
    """
    handle = (await connect()).get_workflow_handle_for(BookingRecoveryWorkflow.run, RECOVERY_ID)
    try:
        if action == "go-on":
            await handle.execute_update("go_on")
        if action == "restart" and booking is not None:
            await handle.execute_update("restart", args=[booking, getpass.getuser()])
    except WorkflowUpdateFailedError as failure:
        raise failure.cause from None
    return await handle.query(BookingRecoveryWorkflow.state, rpc_timeout=_ANSWERED_WITHIN)


def recovery_text(state: RecoveryState) -> str:
    """How the recovery stands, a line for each number."""
    looked = f"{state.since:%Y-%m-%d %H:%M:%S} UTC" if state.since else "never"
    lines = [
        f"looked at       {looked}",
        f"missing         {state.missing}",
        f"failing         {state.failing}",
        f"started again   {len(state.restarts)} within the last hour",
    ]
    if state.stopped:
        lines.append("STOPPED: nothing is started again until `recovery go-on` (docs/runbook-recovery.md)")
    return "\n".join(lines)


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
    recovering = verbs.add_parser("recovery", help="bookings without a workflow, and workflows that fail")
    recovering.add_argument("action", nargs="?", choices=("show", "go-on", "restart"), default="show")
    recovering.add_argument("booking", nargs="?", type=int, help="the booking to start again")
    recovering.add_argument("--kind", help="its kind, where there are several")
    options = parser.parse_args()
    if options.verb == "recovery" and (options.action == "restart") is (options.booking is None):
        parser.error("restart needs a booking, the other actions none")
    code = {"replay": _replayed, "reconcile": _reconciled, "recovery": _recovered}[options.verb](options)
    sys.stdout.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(code)


def _reconciled(options: argparse.Namespace) -> int:
    answer = asyncio.run(reconcile(options.days, options.patience))
    print(report_text(answer))
    return 1 if answer.differences else 0


def _replayed(options: argparse.Namespace) -> int:
    failed = asyncio.run(replay(options.files, installed(Process().kinds)))
    for path in options.files:
        print(f"{path}: {failed.get(path, 'can go on')}")
    return 1 if failed else 0


def _recovered(options: argparse.Namespace) -> int:
    kind = options.kind or installed(Process().kinds)[0].kind.name
    try:
        state = asyncio.run(recovery(options.action, BookingRef(kind, options.booking) if options.booking else None))
    except BookingError as refusal:
        print(f"refused: {refusal.detail}")
        return 1
    print(recovery_text(state))
    return 1 if state.stopped or state.missing or state.failing else 0


if __name__ == "__main__":
    main()
