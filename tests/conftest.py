"""Real servers for the tests that ask for them, started once; and a way out that the Temporal SDK cannot spoil.

``temporal_address`` and ``client`` are a dev server alone, ``postgres`` a migrated database alone; ``stack`` is
everything, with workers and API, as `make up` starts it. Nothing starts before a test asks, and nothing of the caller's
environment reaches them.
"""

import importlib
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import settings
from temporalio.client import Client

from devstack.stack import Stack
from tests.collecting import begun_elsewhere
from tests.database_copies import copy_of
from tests.workflows.engine import ENDED_ALREADY, INTERRUPTED, RELOADED
from tests.workflows.servers import connected, dev_server

settings.register_profile("revcare", deadline=None)  # a machine that others share decides no test by its speed
settings.load_profile("revcare")

_OURS = ("REVCARE_", "TEMPORAL_", "RAZORPAY_", "RZP_", "FCM_", "MAIL_", "POSTGRESQL_", "MONGODB_", "PG")
_BACKUPS = (
    *("BACKUP_DIR", "MAX_BACKUP_SIZE_MB", "MAX_BACKUP_AGE_DAYS", "MIN_BACKUP_AGE_DAYS"),
    "AUTO_DELETE_OLD_BACKUPS",
)
_KEYS = ("SECRET_KEY", "REFRESH_SECRET_KEY", "ACCESS_TOKEN_EXPIRE_MINUTES", "REFRESH_TOKEN_EXPIRE_DAYS")
_SESSION = pytest.StashKey[pytest.Session]()

SHORT = {
    "REVCARE_PASSWORD_HASHING": "quick",
    "REVCARE_PAYMENT_POLL": "5s",
    "REVCARE_PAYMENT_WATCH": "5s,60s",
    "REVCARE_WEBHOOK_SILENCE": "1",
    "RAZORPAY_ACCOUNT_ID": "acc_Sandbox0000001",
    "RAZORPAY_WEBHOOK_SECRET_PREVIOUS": "sandbox-webhook-secret-previous",
    "RAZORPAY_WEBHOOK_SECRET_PREVIOUS_UNTIL": "2099-01-01T00:00:00Z",
}
"""What a stack for tests asks for: nobody waits 20 seconds for a poll or computes a thousand strong hashes, and the
webhook's secret was just rotated."""

WARNING = re.compile(rf"[^{{].*\b\w+Warning: (?!{ENDED_ALREADY})")
"""A line by which Python warns of what a library thinks is wrong: a connection that nobody gave back, for one."""

HERE = Path(__file__).parent
_KINDS = HERE / "kinds"
OF_THE_TESTS = tuple(f"tests.kinds.{worker.parent.name}" for worker in sorted(_KINDS.glob("*/worker.py")))
"""The kinds that only the tests install."""

BOTH_KINDS = {
    "REVCARE_KINDS": ",".join(("kinds.vehicle_service", "kinds.local_services", *OF_THE_TESTS)),
    "REVCARE_LOCAL_SERVICES_PHONE_VERIFICATION": "off",
    "REVCARE_LOCAL_SERVICES_TIME_STEP": "1s",
    "REVCARE_LOCAL_SERVICES_MIN_NOTICE": "0s",
    "REVCARE_LOCAL_SERVICES_REQUESTS_PER_MINUTE": "1000",
    "REVCARE_TABLE_RESERVATION_PUBLIC_URL": "http://tables.example",
    "REVCARE_TABLE_RESERVATION_FROM_NAME": "Two Houses",
}
"""A second kind in the same workers, in a schema of its own; its API is another process."""


def pytest_configure(config: pytest.Config) -> None:
    """What the caller has set up for a stack of their own must not change a result here."""
    for expected in (RELOADED, INTERRUPTED, ENDED_ALREADY):
        config.addinivalue_line("filterwarnings", f"ignore:{expected}")
    for name in list(os.environ):
        if name.startswith(_OURS) or name in (*_KEYS, *_BACKUPS):
            del os.environ[name]
    # As in the Makefile: with it, each process that a test starts compiles everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # As the product does: structlog's own choice shows every variable of every frame, which takes a second each time.
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure([*before, plain])
    # Or each client reads all certificates of the machine, for nothing: 50 ms of the processor.
    importlib.import_module("httpx._transports.default").create_ssl_context = cache(httpx.create_ssl_context)


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Temporal dev server of this session."""
    with dev_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@pytest.fixture(scope="session")
async def client(temporal_address: str) -> Client:
    """A client as the product makes it, with the search attributes in place."""
    return await connected(temporal_address)


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a migrated database that nobody uses: the others are copies of it."""
    with Stack(tmp_path_factory.mktemp("postgres"), parts={"postgres", "migrate"}, discard=True) as stack:
        yield stack.info["postgres"]


@pytest.fixture(scope="module")
async def postgres(migrated_postgres: str) -> AsyncIterator[str]:
    """A migrated database of this module."""
    async with copy_of(migrated_postgres) as copy:
        yield copy


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack; parts can be killed, halted and revived, whoever does so waits until they answer again."""
    with Stack(tmp_path_factory.mktemp("stack"), env=SHORT | BOTH_KINDS, discard=True) as stack:
        yield stack
        logged = [line for log in stack.folder.logs.iterdir() for line in log.read_text(errors="replace").splitlines()]
        assert [line for line in logged if WARNING.match(line)] == []


@pytest.fixture(scope="session")
def stack(running_stack: Stack) -> Stack:
    """The same; ``stack.info`` is the content of its stack.json."""
    return running_stack


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """Who gets which file, when several processes share the tests."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import LongestFirst  # only where xdist is there

    return LongestFirst(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """One of several processes, which all find the same, says it to the one that hands the tests out."""
    process: dict[str, Any] = getattr(session.config, "workerinput", {})
    if process.get("workerid") == "gw0":
        from tests.scheduling import SERVERS, servers_of

        session.config.cache.set(SERVERS, servers_of(session.items))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """On a fresh clone each process would rewrite the assertions of all files, and all of them the same file at the
    same time: each begins elsewhere, and reads what the others have written."""
    if (process := getattr(session.config, "workerinput", None)) and session.config.args == [HERE.name]:
        number = int(process["workerid"].removeprefix("gw"))
        session.config.args = begun_elsewhere(HERE, number, process["workercount"])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes of one run have to find the same tests in the same order, so none is named by an address in memory."""
    items.sort(key=lambda item: item.path)
    unstable = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if unstable:
        raise pytest.UsageError(f"give parameters an id: {', '.join(unstable)}")


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[_SESSION] = session


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once with pytest's own status: the SDK's threads can abort the interpreter's exit (134 for a pass)."""
    session = config.stash.get(_SESSION, None)
    if session is None or hasattr(config, "workerinput"):
        return
    if capture := config.pluginmanager.getplugin("capturemanager"):
        capture.stop_global_capturing()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(session.exitstatus))
