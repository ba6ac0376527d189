"""Bookings without a workflow and workflows that fail, shown and helped from a terminal."""

import getpass
from datetime import timedelta

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from adapters.temporal.client import connect
from domain.errors import Unavailable
from domain.recovery import BookingRef, RecoveryState
from workflows import options
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow

_ANSWERED_WITHIN = timedelta(seconds=10)


async def recovery(action: str, booking: BookingRef | None) -> RecoveryState:
    """Have the recovery go on, or start one booking again; answers how it stands then.

    Raises:
        BookingError: it was refused.
        Unavailable: it does not answer.
    """
    handle = (await connect()).get_workflow_handle_for(BookingRecoveryWorkflow.run, RECOVERY_ID)
    try:
        if action == "go-on":
            await handle.execute_update("go_on", rpc_timeout=_ANSWERED_WITHIN)
        if action == "restart" and booking is not None:
            await handle.execute_update(
                "restart",
                args=[booking, getpass.getuser()],
                rpc_timeout=2 * options.RESTART["schedule_to_close_timeout"],
            )
        return await handle.query(BookingRecoveryWorkflow.state, rpc_timeout=_ANSWERED_WITHIN)
    except WorkflowUpdateFailedError as failure:
        raise failure.cause from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError):
        raise Unavailable("the recovery does not answer: does a worker of the role activities run?") from None


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
