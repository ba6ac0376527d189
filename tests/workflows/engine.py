"""The durable side in this process: the product's own workers on a real server, with fakes behind the activities."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.account_poll import AccountPollActivities
from activities.backups import BackupActivities
from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.emails import EmailActivities
from activities.housekeeping import HousekeepingActivities
from activities.outbox import OutboxActivities
from activities.passwords import PasswordActivities
from activities.payments import PaymentActivities
from activities.payouts import PayoutActivities
from activities.reconciliation import ReconciliationActivities
from activities.recovery import RecoveryActivities
from activities.sweeps import SweepActivities
from activities.text_messages import TextActivities, TextMessaging
from activities.workflow_checks import WorkflowCheckActivities
from adapters.temporal.executions import POLLED_WITHIN, WorkflowExecutions
from adapters.temporal.signals import WorkflowSignals
from adapters.temporal.versions import WorkflowVersions
from domain.billing.provider import OrderFacts
from kinds.vehicle_service.activities import ReminderActivities
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.worker import WORKER
from settings import Process
from tests.fakes.account import FakeAccount
from tests.fakes.backups import FakeBackups
from tests.fakes.emails import (
    FakeDocuments,
    FakeExpiredRows,
    FakeHints,
    FakeMailServer,
    FakePastVisits,
    FakePeople,
    FakeUploads,
)
from tests.fakes.gateway import FakeGateway
from tests.fakes.pauses import FakePauses
from tests.fakes.problems import FakeProblems
from tests.fakes.store import FakeStore
from tests.fakes.texts import FakeTexts
from tests.fakes.transfers import FakeTransfers
from workers.activities import NAMES, PAYMENT_THREADS, Activities
from workers.queues import WorkerRole, build_workers
from workers.serving import serve
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE
from workflows.outbox import OUTBOX_ID, EmailOutboxWorkflow

KINDS = (WORKER,)
SILENT_KIND = "silent"
"""A kind without a gateway for text messages."""

POLICY = workflow.SandboxImportNotificationPolicy
WATCHFUL = POLICY.WARN_ON_DYNAMIC_IMPORT | POLICY.WARN_ON_UNINTENTIONAL_PASSTHROUGH

RELOADED = (
    r"Module (workflows(\.\S+)?|kinds(\.\w+(\.workflow)?)?|tests(\.workflows(\.broken_workflows)?)?) "
    "was not intentionally passed through"
)
"""The one exception: the sandbox loads our workflows anew for every booking, as it should."""

INTERRUPTED = "Exception ignored in. <function WeakSet:pytest.PytestUnraisableExceptionWarning"
"""A workflow task of two seconds, on a busy machine, is interrupted by the SDK and tried again, as in production. The
interruption may fall into a callback of the collector, where it cannot be raised."""

ENDED_ALREADY = "Cannot find activity to cancel for token"
"""The server asks to cancel an activity that ended a moment ago: its workflow was terminated while a heartbeat was on
its way. The SDK warns and goes on; raised as an error, it would end the worker of all the other bookings."""


_PREPARED: set[tuple[type, frozenset[str]]] = set()


@dataclass(frozen=True)
class WatchfulRunner(SandboxedWorkflowRunner):
    """Tries once in a process whether a workflow can be loaded in the sandbox: else each start of a worker loads all
    of its types, a third of a second."""

    def prepare_workflow(self, defn: Any) -> None:
        as_now = (defn.cls, frozenset(self.restrictions.passthrough_modules))
        if as_now not in _PREPARED:
            super().prepare_workflow(defn)
            _PREPARED.add(as_now)


def watchful(runner: WorkflowRunner | None) -> WorkflowRunner:
    """The product's sandbox, but what slips through it unintended is a warning: an error, as tests run."""
    assert isinstance(runner, SandboxedWorkflowRunner)
    return WatchfulRunner(runner.restrictions.with_import_notification_policy(WATCHFUL), runner.runner_class)


LONGEST_STOP = timedelta(seconds=20)
"""The SDK's core may wait for ever for a local activity that it repeats; the tests after it must not."""


class Engine:
    """Workers that can be stopped and started, and what their activities have done.

    Without the sandbox, as the product serves: it loads the workflows anew for each, a fifth of a second. The stored
    histories are replayed in it (``test_replay``), those of every path by `make test-long`.
    """

    def __init__(
        self,
        client: Client,
        store: FakeStore | None = None,
        post: FakeMailServer | None = None,
        process: Process | None = None,
        role: WorkerRole = WorkerRole.ALL,
    ) -> None:
        self.process = process or Process(graceful_shutdown=timedelta(0))
        self.client = client
        if self.process.sandboxed_workflows:
            plugin = SimplePlugin("watchful", workflow_runner=watchful)
            self.client = Client(**{**client.config(), "plugins": [plugin]})
        self.store, self.gateway = store or FakeStore(), FakeGateway()
        self.transfers = FakeTransfers(self.gateway)
        self.post, self.books, self.hints = post or FakeMailServer(), FakeDocuments(), FakeHints()
        self.account = FakeAccount(self.gateway, self.store)
        self.backups, self.problems, self.pauses = FakeBackups(), FakeProblems(), FakePauses()
        self.texts = FakeTexts()
        self.role, self.polled_within = role, POLLED_WITHIN
        self.directory, self.past_visits = FakePeople(), FakePastVisits()
        self.reporter = WorkflowSignals(self.client, NAMES)
        self.stop_within: timedelta | None = LONGEST_STOP
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[bool] | None = None
        self.works = False

    async def start(self) -> None:
        """Take up work."""
        threads, begun = ThreadPoolExecutor(PAYMENT_THREADS), asyncio.Event()

        async def polling() -> None:
            begun.set()

        async def until_stopped() -> bool:
            with threads:
                return await serve(workers, self._stop, polling, self.stop_within)

        workers = build_workers(self.client, self.activities(), threads, self.process, KINDS, self.role)
        self._stop = asyncio.Event()
        self._serving = asyncio.create_task(until_stopped())
        await begun.wait()
        await self.client.start_workflow(
            EmailOutboxWorkflow.run,
            id=OUTBOX_ID,
            task_queue=MAIL_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        self.works = True

    async def stop(self) -> bool:
        """Drop everything as it is; False when something did not let go within ``stop_within``."""
        self.works = False
        self._stop.set()
        return self._serving is None or await self._serving

    @asynccontextmanager
    async def stopped(self) -> AsyncIterator[None]:
        """For this long nobody works."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    async def fetch_order(self, order_id: str) -> OrderFacts:
        """What the sweep asks the provider."""
        return self.gateway.fetch_order(order_id)

    def activities(self) -> Activities:
        kinds, stores = {VEHICLE_SERVICE.name: VEHICLE_SERVICE}, {VEHICLE_SERVICE.name: self.store}
        emails = EmailActivities(self.post, self.post, self.books, {VEHICLE_SERVICE.name: self.directory})
        return Activities(
            bookings=BookingActivities(kinds, stores),
            documents=DocumentActivities({VEHICLE_SERVICE.name: self.books}),
            payments=PaymentActivities(self.gateway, self.pauses),
            payouts=PayoutActivities(self.transfers, self.gateway, self.transfers),
            emails=emails,
            outbox=OutboxActivities(
                self.store.outbox.beside(self.post), WorkflowVersions(self.client), emails, timedelta(milliseconds=20)
            ),
            sweeps=SweepActivities(self.hints, self, self.reporter, timedelta(milliseconds=50), 5),
            account=AccountPollActivities(self.account, self.account, self.reporter, timedelta(milliseconds=50)),
            recovery=RecoveryActivities(kinds, stores, self.reporter),
            workflow_checks=WorkflowCheckActivities(
                kinds, stores, WorkflowExecutions(self.client, NAMES, self.polled_within), self.problems
            ),
            reconciliation=ReconciliationActivities(self.gateway, self.books, self.reporter),  # nobody reconciles fakes
            housekeeping=HousekeepingActivities(FakeExpiredRows(), FakeUploads()),
            backups=BackupActivities(self.backups, self.backups),
            passwords=PasswordActivities({VEHICLE_SERVICE.name: self.directory}),
            texts=TextActivities(
                {
                    VEHICLE_SERVICE.name: TextMessaging(self.texts, self.texts),
                    SILENT_KIND: TextMessaging(self.texts, None),
                }
            ),
            of_kinds={MAINTENANCE_QUEUE: [ReminderActivities(self.past_visits).due_reminders]},
        )


@asynccontextmanager
async def working(client: Client, **given: Any) -> AsyncIterator[Engine]:
    """An engine that works until the block ends."""
    engine = Engine(client, **given)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
