"""Record the histories that ``test_replay`` replays: ``python -m tests.workflows.record [PATH ..]``.

With names of paths only these are recorded; all others stay as they are.

To be run after a change that is meant to change what new bookings do. What is recorded already then needs
``workflow.patched`` in the workflows and stays, as ``<path>.before-<topic>.json``, until the last such booking ended.
"""

import asyncio
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

from domain.account_emails import Recipient, ResetRequest, query_response_email
from domain.billing.provider import LatePaymentEvent, PaymentEvent
from domain.recovery import BookingRef
from kinds.vehicle_service.activities import BATCH
from kinds.vehicle_service.domain.reminders import DueService
from kinds.vehicle_service.domain.visit import KIND
from kinds.vehicle_service.reminder_workflow import ServiceRemindersWorkflow
from tests.workflows.engine import RELOADED, Engine, working
from tests.workflows.paths import PATHS
from tests.workflows.running_booking import eventually
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server
from tests.workflows.visit import Visit, new_booking
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE, late_workflow_id, refund_workflow_id
from workflows.email import EmailWorkflow, PasswordResetWorkflow
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow, RecoveryRun
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow

HISTORIES = Path(__file__).parents[1] / "histories"


async def record(address: str, names: Collection[str]) -> None:
    """Walk these paths, or all, and write down what Temporal remembers of them."""
    for old in HISTORIES.glob("*.json"):
        if not names and ".before-" not in old.name:
            old.unlink()
    async with working(await connected(address)) as engine:
        for name in names or PATHS:
            visit = await PATHS[name](engine)
            write(name, await visit.handle.fetch_history())
            for refund in (each for each in visit.booking.refunds if not each.by_hand):
                with suppress(RPCError):  # it never began: a dispute was lost before
                    handle = engine.client.get_workflow_handle(refund_workflow_id(refund.key))
                    write(f"refund.{name}", await handle.fetch_history())
            if name == "late_money":
                late = LatePaymentEvent(KIND, visit.id, order_id=visit.booking.payments[-1].order_id)
                write("latepay", await engine.client.get_workflow_handle(late_workflow_id(late)).fetch_history())
        if not names:
            write("sweep", await _swept(engine))
            write("recovery", await _recovered(engine))
            await record_mailing(engine)


async def record_mailing(engine: Engine) -> None:
    """The mails that belong to no booking's handle."""
    at, nina = datetime(2026, 11, 24, 6, tzinfo=UTC), Recipient("CST000777", "Nina", "nina@example.com")
    engine.directory.people[nina.email] = nina
    car = ("Hyundai i20", "TN01AB1234", "24 Nov 2026", ("Oil change",))
    engine.past_visits.waiting = [DueService(number, 6, nina.person_id, *car) for number in range(1, BATCH + 1)]
    forgotten = ResetRequest("key", at, datetime(9999, 1, 1, tzinfo=UTC), email=nina.email, kind=KIND)
    mail = query_response_email(KIND, "query", 1, nina.email, "Open on Sunday?", "No.", at)
    for name, run, orders in (
        ("email", EmailWorkflow.run, [mail]),
        ("password_reset", PasswordResetWorkflow.run, [forgotten]),
        ("service_reminders", ServiceRemindersWorkflow.run, []),
    ):
        handle = await engine.client.start_workflow(run, args=orders, id=name, task_queue=MAIL_QUEUE)
        await handle.result()
        first = engine.client.get_workflow_handle(name, run_id=handle.first_execution_run_id)
        write(name, await first.fetch_history())


async def record_runs(address: str) -> None:
    """A visit that was continued as new on the way: both ends of it."""
    async with working(await connected(address)) as engine:
        visit = await PATHS["online"](engine)
        runs = await visit.runs()
        write("first_run", await runs[0].fetch_history())
        write("last_run", await runs[-1].fetch_history())


async def _swept(engine: Engine) -> WorkflowHistory:
    """Some rounds of looking."""
    engine.hints.waiting.append(PaymentEvent(booking_id=1, order_id="order_1", row=1, kind=KIND))
    sweep = await engine.client.start_workflow(PaymentSweepWorkflow.run, id=SWEEP_ID, task_queue=MAINTENANCE_QUEUE)
    await eventually(lambda: not engine.hints.waiting)
    await asyncio.sleep(0.2)
    history = await sweep.fetch_history()
    await sweep.terminate()
    return history


async def _recovered(engine: Engine) -> WorkflowHistory:
    """A look that finds nothing, a booking that is asked for and started again, a look that finds another."""
    recovery = await engine.client.start_workflow(
        BookingRecoveryWorkflow.run,
        RecoveryRun(timedelta(seconds=1)),
        id=RECOVERY_ID,
        task_queue=MAINTENANCE_QUEUE,
    )
    await eventually(lambda: engine.problems.looks)
    for asked in (True, False):
        visit = await Visit(engine, new_booking()).opens()
        await visit.handle.terminate()
        if asked:
            await recovery.signal(BookingRecoveryWorkflow.booking_missing, BookingRef(KIND, visit.id))
        await visit.becomes(lambda booking: booking.attention)
        await visit.cancelled()
    await asyncio.sleep(0.2)
    history = await recovery.fetch_history()
    await recovery.terminate()
    return history


def write(name: str, history: WorkflowHistory) -> None:
    """One file, without what only this machine knows."""
    content = {"workflow_id": history.workflow_id, **json.loads(history.to_json())}
    path = HISTORIES / f"{name}.json"
    path.write_text(json.dumps(_anonymous(content), separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{name}: {len(history.events)} events, {path.stat().st_size // 1024} KB")


def _anonymous(content: Any) -> Any:
    if isinstance(content, dict):
        dropped = {"workerVersion", "binaryChecksum", "stackTrace"}
        return {key: _anonymous(value) for key, value in content.items() if key not in dropped}
    return [_anonymous(item) for item in content] if isinstance(content, list) else content


def main() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", RELOADED)
    names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        with dev_server(Path(folder)) as address:
            asyncio.run(record(address, names))
        if not names:
            with dev_server(Path(folder), NEW_RUN_SOON) as address:
                asyncio.run(record_runs(address))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort the interpreter's own exit


if __name__ == "__main__":
    main()
