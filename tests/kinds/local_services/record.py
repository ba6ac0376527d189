"""Record the histories of services: ``python -m tests.kinds.local_services.record [PATH ..]``.

As ``tests.workflows.record`` says: after a release stored histories are not recorded anew, new ones get new names.
"""

import asyncio
import os
import sys
import tempfile
import warnings
from pathlib import Path

from kinds.local_services.worker import WORKER
from tests.kinds.local_services import recorded_lives
from tests.kinds.local_services.recorded_lives import IN_MANY_RUNS, PATHS
from tests.kinds.table_reservation.record import write
from tests.kinds.table_reservation.running import working_beside_visits
from tests.workflows.engine import RELOADED
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server

HISTORIES = Path(__file__).parent / "histories"


async def record(address: str, path: recorded_lives.Path) -> None:
    """Walk a path, and write down what Temporal remembers of it."""
    async with working_beside_visits(await connected(address), WORKER, mails=True) as working:
        for stem, history in (await path(*working)).items():
            write(stem, history, HISTORIES)


def main() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", RELOADED)
    for name in sys.argv[1:] or PATHS:
        more = NEW_RUN_SOON if name in IN_MANY_RUNS else None
        with tempfile.TemporaryDirectory() as folder, dev_server(Path(folder), more) as address:
            asyncio.run(record(address, PATHS[name]))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort the interpreter's own exit


if __name__ == "__main__":
    main()
