"""Record the histories of reservations: ``python -m tests.kinds.table_reservation.record PATH ..``.

As ``tests.workflows.record`` says: after a release stored histories are not recorded anew, new ones get new names.
"""

import asyncio
import json
import os
import pathlib
import sys
import tempfile
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHistory

from domain.billing.payouts import PayoutTerms
from domain.commands import Cancel
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, PayDeposit, Seat, Status
from tests.kinds.table_reservation.domain.kind import GRACE, TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import DEPOSIT, GUEST, HOST, OMAR, TINA
from tests.kinds.table_reservation.running import Rows, RunningReservation, both_kinds_working, new_reservation
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from tests.workflows.engine import RELOADED, Engine
from tests.workflows.running_booking import eventually
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server

HISTORIES = pathlib.Path(__file__).parent / "histories"
_OF_THIS_MACHINE = {"workerVersion", "binaryChecksum", "stackTrace"}


async def paid_and_billed(engine: Engine, rows: Rows) -> dict[str, WorkflowHistory]:
    """A deposit is paid, the reservation is handed on until its next run, the guests eat and pay the rest."""
    table = RunningReservation(engine, rows, new_reservation(42, DEPOSIT))
    first = await table.opens()
    await table.asks(PayDeposit(GUEST))
    await table.pays()
    while await table.run() == first:
        for guest in (OMAR, TINA):
            await table.asks(HandOver(GUEST, guest))
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, 4 * DEPOSIT))
    await table.handle.result()
    assert [invoice.leg for invoice in table.booking.invoices] == ["deposit", "meal"]
    began = engine.client.get_workflow_handle(table.handle.id, run_id=first)
    return {"first_run": await began.fetch_history(), "last_run": await table.handle.fetch_history()}


async def cancelled(engine: Engine, rows: Rows) -> dict[str, WorkflowHistory]:
    """The deposit is paid and the guest is ill: it goes back."""
    table = RunningReservation(engine, rows, new_reservation(44, DEPOSIT))
    await table.opens()
    await table.asks(PayDeposit(GUEST))
    await table.pays()
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()
    assert [refund.status for refund in table.booking.refunds] == ["processed"]
    return {"cancelled": await table.handle.fetch_history()}


async def missed(engine: Engine, rows: Rows) -> dict[str, WorkflowHistory]:
    """Nobody comes."""
    new = new_reservation(45)
    table = RunningReservation(engine, rows, replace(new, starts_at=datetime.now(UTC) - GRACE + timedelta(seconds=1)))
    await table.opens()
    await table.handle.result()
    assert table.booking.status == Status.MISSED
    return {"missed": await table.handle.fetch_history()}


async def shared(engine: Engine, rows: Rows) -> dict[str, WorkflowHistory]:
    """The host has a share of the deposit: no account at first, a transfer that fails, a part that is taken back."""
    new = new_reservation(46, DEPOSIT, share=80)
    terms = PayoutTerms(settle=timedelta(milliseconds=200))
    table = RunningReservation(engine, rows, replace(new, policy=replace(new.policy, payouts=terms)))
    await table.opens()
    await table.asks(PayDeposit(GUEST))
    await table.pays()
    await eventually(lambda: table.booking.payouts)
    engine.transfers.opens_account(TABLE_RESERVATION.name, HOST.id)
    engine.transfers.fail = 1
    await table.handle.signal(TableReservationWorkflow.payout_reported, "acc_1")
    await eventually(lambda: table.booking.payouts[-1].state == "held")
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, DEPOSIT // 2))
    await table.handle.result()
    assert [each.state for each in table.booking.payouts] == ["failed", "released"]
    return {"shared": await table.handle.fetch_history()}


Path = Callable[[Engine, Rows], Awaitable[dict[str, WorkflowHistory]]]
PATHS: dict[str, Path] = {path.__name__: path for path in (paid_and_billed, cancelled, missed, shared)}
IN_MANY_RUNS = {"paid_and_billed"}


async def record(address: str, path: Path) -> None:
    """Walk a path, and write down what Temporal remembers of it."""
    async with both_kinds_working(await connected(address)) as working:
        for stem, history in (await path(*working)).items():
            write(stem, history)


def write(name: str, history: WorkflowHistory, folder: pathlib.Path = HISTORIES) -> None:
    """One file, without what only this machine knows."""

    def known_anywhere(part: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in part.items() if key not in _OF_THIS_MACHINE}

    content = json.loads(history.to_json(), object_hook=known_anywhere)
    text = json.dumps({"workflow_id": history.workflow_id, **content}, separators=(",", ":"), ensure_ascii=False)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {len(history.events)} events, {len(text) // 1024} KB")


def main() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", RELOADED)
    for name in sys.argv[1:] or PATHS:
        more = NEW_RUN_SOON if name in IN_MANY_RUNS else None
        with tempfile.TemporaryDirectory() as folder, dev_server(pathlib.Path(folder), more) as address:
            asyncio.run(record(address, PATHS[name]))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort the interpreter's own exit


if __name__ == "__main__":
    main()
