"""Record the histories that ``test_replay`` replays: ``make record-histories``.

To be run after a change of the stories that is meant to change what new bookings do; running bookings are then kept
alive by ``workflow.patched``, and the histories of before stay as ``<path>.<date>.json`` until the last of them ended.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory
from temporalio.service import GrpcCompression

from adapters.temporal import DATA_CONVERTER, register_search_attributes
from devstack.stack import Stack
from domain.payments import Hint
from tests.workflows.engine import Engine
from tests.workflows.paths import PATHS
from tests.workflows.visit import Visit
from workflows.maintenance import SWEEP_ID, PaymentSweep
from workflows.messages import BOOKINGS_QUEUE, refund_workflow_id

HISTORIES = Path(__file__).parents[1] / "histories"


async def record(address: str) -> None:
    """Walk every path and write down what Temporal remembers of it."""
    client = await Client.connect(
        address, data_converter=DATA_CONVERTER, grpc_compression=GrpcCompression.NONE, identity="tests"
    )
    await register_search_attributes(client)
    engine = Engine(client)
    await engine.start()
    for name, path in PATHS.items():
        visit = await path(engine)
        write(name, await visit.handle.fetch_history())
        for refund in visit.booking.refunds:
            history = await client.get_workflow_handle(refund_workflow_id(refund.key)).fetch_history()
            write(f"refund.{name}", history)
    write("sweep", await _swept(engine))
    await engine.stop()


async def _swept(engine: Engine) -> WorkflowHistory:
    """Two rounds of looking."""
    engine.hints.waiting.append(Hint(booking_id=1, order_id="order_1", row=1))
    sweep = await engine.client.start_workflow(PaymentSweep.run, id=SWEEP_ID, task_queue=BOOKINGS_QUEUE)
    await asyncio.sleep(0.5)
    history = await sweep.fetch_history()
    await sweep.terminate()
    return history


def write(name: str, history: WorkflowHistory) -> None:
    """One file, without what only this machine knows."""
    content = {"workflow_id": history.workflow_id, **json.loads(history.to_json())}
    path = HISTORIES / f"{name}.json"
    path.write_text(json.dumps(_anonymous(content), separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{name}: {len(history.events)} events, {path.stat().st_size // 1024} KB")


def _anonymous(content: Any) -> Any:
    if isinstance(content, dict):
        dropped = {"workerVersion", "binaryChecksum", "sdkMetadata"}
        return {key: _anonymous(value) for key, value in content.items() if key not in dropped}
    return [_anonymous(item) for item in content] if isinstance(content, list) else content


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), parts={"temporal"}, discard=True) as stack:
        asyncio.run(record(stack.info["temporal"]))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort the interpreter's own exit


if __name__ == "__main__":
    main()
