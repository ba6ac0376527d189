"""Record the histories that ``test_histories`` replays: ``python -m tests.kinds.table_reservation.record``.

As ``tests.workflows.record`` says: after a release stored histories are not recorded anew, new ones get new names.
"""

import asyncio
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from tests.kinds.table_reservation.domain.booking import Bill, HandOver, PayDeposit, Seat
from tests.kinds.table_reservation.reservations import DEPOSIT, GUEST, HOST, OMAR, TINA
from tests.kinds.table_reservation.running import RunningReservation, both_kinds_working, new_reservation
from tests.workflows.engine import RELOADED
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server

HISTORIES = Path(__file__).parent / "histories"
_OF_THIS_MACHINE = {"workerVersion", "binaryChecksum", "stackTrace"}


async def paid_and_billed(address: str) -> dict[str, WorkflowHistory]:
    """A deposit is paid, the reservation is handed on until its next run, the guests eat and pay the rest."""
    async with both_kinds_working(await connected(address)) as (engine, rows):
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


def write(name: str, history: WorkflowHistory) -> None:
    """One file, without what only this machine knows."""

    def known_anywhere(part: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in part.items() if key not in _OF_THIS_MACHINE}

    content = json.loads(history.to_json(), object_hook=known_anywhere)
    text = json.dumps({"workflow_id": history.workflow_id, **content}, separators=(",", ":"), ensure_ascii=False)
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {len(history.events)} events, {len(text) // 1024} KB")


def main() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", RELOADED)
    with tempfile.TemporaryDirectory() as folder, dev_server(Path(folder), NEW_RUN_SOON) as address:
        for name, history in asyncio.run(paid_and_billed(address)).items():
            write(name, history)
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort the interpreter's own exit


if __name__ == "__main__":
    main()
