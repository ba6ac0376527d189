"""The worker process: adapters behind activities, workflows and activities on their queues.

``build_workers`` is used by the process, the tests and the replayer alike, so the sandbox is settled once: ``domain``,
``activities`` and the messages of workflows are passed through (class identity of refusals and of what the converter
caches, no import cost per booking), the workflows themselves stay inside.
"""

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import settings as configuration
from activities.backups import BackupActivities
from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.emails import EmailActivities
from activities.housekeeping import HousekeepingActivities
from activities.passwords import PasswordActivities
from activities.payments import PaymentActivities
from activities.reconciliation import ReconciliationActivities
from activities.recovery import RecoveryActivities
from activities.reminders import ReminderActivities
from activities.sweeps import SweepActivities
from adapters.backup import BackupParts
from adapters.logs import configure_logging
from adapters.mail import MailSender
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.documents import DocumentRows
from adapters.postgres.email_log import EmailLogRows
from adapters.postgres.expiry import ExpiredRows
from adapters.postgres.idempotency import IdempotencyKeys
from adapters.postgres.ledger import LedgerRows
from adapters.postgres.payment_events import PaymentEventRows
from adapters.postgres.people.passwords import PasswordRows
from adapters.postgres.reminders import PastVisitRows
from adapters.razorpay import RazorpayGateway
from adapters.resources import Resources, open_resources
from adapters.temporal.activity_log import ActivityLog
from adapters.temporal.client import RefusalInterceptor, register_search_attributes
from adapters.temporal.schedules import sync_schedules
from adapters.temporal.signals import Names, WorkflowSignals
from domain.billing.documents import Supplier
from domain.billing.provider import OrderFacts
from migrations.command import upgrade
from settings import PolicySettings, Settings
from workflows.backup import BackupWorkflow, RestoreWorkflow
from workflows.booking.messages import (
    BACKUPS_QUEUE,
    BOOKINGS_QUEUE,
    MAIL_QUEUE,
    PAYMENTS_QUEUE,
    booking_workflow_id,
    late_workflow_id,
    refund_workflow_id,
    reopened,
)
from workflows.email import EmailWorkflow, PasswordResetWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.late_payment import LatePaymentWorkflow
from workflows.projection_check import ProjectionCheckWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.refund import RefundWorkflow
from workflows.reminders import ServiceRemindersWorkflow
from workflows.schedules import DAILY_BACKUP, SCHEDULES, ScheduledJob
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow
from workflows.vehicle_service import VehicleServiceWorkflow

WORKFLOWS = [
    VehicleServiceWorkflow,
    RefundWorkflow,
    PaymentSweepWorkflow,
    ReconciliationWorkflow,
    BackupWorkflow,
    RestoreWorkflow,
    EmailWorkflow,
    PasswordResetWorkflow,
    ServiceRemindersWorkflow,
    LatePaymentWorkflow,
    ProjectionCheckWorkflow,
    HousekeepingWorkflow,
]
NAMES = Names(BOOKINGS_QUEUE, booking_workflow_id, refund_workflow_id, late_workflow_id, reopened)
PASSED_THROUGH = ("domain", "kinds.vehicle_service.domain", "activities", "workflows.booking.messages")
PAYMENT_THREADS = 8
POOL_TIMEOUT = timedelta(seconds=4)
"""Shorter than an attempt to write a booking's rows (5 s), or attempts would end while they wait for a connection."""

log = structlog.get_logger("worker")


@dataclass(frozen=True)
class Activities:
    """The activities of one worker process; ``build_workers`` says which queue each is on."""

    bookings: BookingActivities
    documents: DocumentActivities
    payments: PaymentActivities
    emails: EmailActivities
    sweeps: SweepActivities
    reconciliation: ReconciliationActivities
    backups: BackupActivities
    passwords: PasswordActivities
    reminders: ReminderActivities
    recovery: RecoveryActivities
    housekeeping: HousekeepingActivities


class _PolledOrders:
    """The synchronous gateway for the asynchronous sweep: each call in a thread of the payments pool."""

    def __init__(self, gateway: RazorpayGateway, threads: ThreadPoolExecutor) -> None:
        self._gateway = gateway
        self._threads = threads

    async def fetch_order(self, order_id: str) -> OrderFacts:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._gateway.fetch_order, order_id)


def supplier(policy: PolicySettings) -> Supplier:
    """Who issues the invoices."""
    return Supplier(policy.supplier_name, policy.supplier_gstin, policy.supplier_state, policy.supplier_address)


def build_activities(resources: Resources, threads: ThreadPoolExecutor) -> Activities:
    """The activities with their adapters; mypy checks that they fit."""
    settings, database = resources.settings, resources.database
    gateway = RazorpayGateway(
        key_id=settings.razorpay.key_id,
        key_secret=settings.razorpay.key_secret.get_secret_value(),
        base_url=settings.razorpay.base_url,
    )
    books = DocumentRows(database, supplier(settings.policy), settings.policy.shop_timezone, resources.printer.render)
    kept = BackupParts.of(resources, upgrade)
    sender = MailSender(settings.mail, settings.web.public_url, resources.password_links)
    rows = BookingStore(database, settings.policy.shop_timezone)
    reporter = WorkflowSignals(resources.temporal, NAMES)
    return Activities(
        bookings=BookingActivities(rows),
        documents=DocumentActivities(books),
        payments=PaymentActivities(gateway),
        emails=EmailActivities(sender, EmailLogRows(database), books),
        sweeps=SweepActivities(
            PaymentEventRows(database, settings.policy.payment_rechecks),
            _PolledOrders(gateway, threads),
            reporter,
            IdempotencyKeys(database),
            settings.policy.payment_poll,
            settings.policy.webhook_silence,
        ),
        reconciliation=ReconciliationActivities(gateway, LedgerRows(database), reporter),
        backups=BackupActivities(kept.creator, kept.restorer),
        passwords=PasswordActivities(PasswordRows(database)),
        reminders=ReminderActivities(PastVisitRows(database, settings.policy.shop_timezone)),
        recovery=RecoveryActivities(rows, reporter),
        housekeeping=HousekeepingActivities(
            ExpiredRows(database, max(settings.web.login_lockout, settings.web.throttle_window))
        ),
    )


def workflow_runner(*, sandboxed: bool = True) -> WorkflowRunner:
    """The runner of all workflows. The sandbox costs 20 ms of CPU per booking; tests of workflows and the replay gate
    keep it, a process that serves has it only where ``REVCARE_SANDBOXED_WORKFLOWS`` asks for it."""
    if not sandboxed:
        return UnsandboxedWorkflowRunner()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def build_workers(
    client: Client, activities: Activities, threads: ThreadPoolExecutor, settings: Settings
) -> list[Worker]:
    """A queue each for workflows and rows, calls to the payment provider, e-mails and backups: none delays another."""
    process = settings.process
    alike: dict[str, Any] = {
        "graceful_shutdown_timeout": process.graceful_shutdown,
        "interceptors": [ActivityLog(), RefusalInterceptor()],
    }
    polling = PollerBehaviorAutoscaling(minimum=1, initial=2, maximum=20)
    workflows = Worker(
        client,
        task_queue=BOOKINGS_QUEUE,
        workflows=WORKFLOWS,
        activities=[
            activities.bookings.open_booking,
            activities.bookings.load_booking,
            activities.bookings.project,
            activities.bookings.move_slots,
            activities.documents.issue_document,
            activities.sweeps.sweep,
            activities.sweeps.purge_idempotency_keys,
            activities.recovery.refunded_payments,
            activities.recovery.needs_reopening,
            activities.recovery.reopen,
            activities.recovery.check_projections,
            activities.reconciliation.fetch_ledger,
            activities.reconciliation.compare_books,
            activities.reconciliation.store_result,
            activities.passwords.reset_email_for,
            activities.reminders.due_reminders,
            activities.housekeeping.purge_expired,
        ],
        workflow_runner=workflow_runner(sandboxed=process.sandboxed_workflows),
        max_cached_workflows=process.workflow_cache,
        max_concurrent_workflow_tasks=20,
        # How long a booking waits for a worker that died before another one takes it up.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=5),
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
        **alike,
    )
    money = Worker(
        client,
        task_queue=PAYMENTS_QUEUE,
        activities=[
            activities.payments.create_order,
            activities.payments.fetch_order,
            activities.payments.capture,
            activities.payments.refund,
            activities.payments.refundable,
            activities.payments.fetch_refund,
            activities.payments.fetch_dispute,
            activities.reconciliation.fetch_statement,
            activities.reconciliation.fetch_missing,
        ],
        activity_executor=threads,
        max_concurrent_activities=PAYMENT_THREADS,
        **alike,
    )
    mail = Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=[activities.emails.send_booking_email, activities.emails.send_account_email],
        max_concurrent_activities=10,
        **alike,
    )
    backups = Worker(
        client,
        task_queue=BACKUPS_QUEUE,
        activities=[
            activities.backups.make_backup,
            activities.backups.mark_backup_failed,
            activities.backups.prune_backups,
            activities.backups.stage_restore,
            activities.backups.switch_restore,
            activities.backups.clear_restore,
        ],
        max_concurrent_activities=1,
        max_concurrent_activity_task_polls=1,
        **alike,
    )
    return [workflows, money, mail, backups]


def scheduled_jobs(settings: Settings) -> list[ScheduledJob]:
    """What happens by the clock, with the intervals that are settings."""
    every = settings.backups.every
    return [
        replace(job, every=every, offset=job.offset % every) if job.id == DAILY_BACKUP else job for job in SCHEDULES
    ]


async def keep_sweeping(client: Client) -> None:
    """One sweep for all processes: started if it is not there."""
    await client.start_workflow(
        PaymentSweepWorkflow.run,
        id=SWEEP_ID,
        task_queue=BOOKINGS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="delivers payment events whose signal was lost, polls open orders",
    )


async def run(settings: Settings) -> None:
    """Work until told to stop, then finish what is under way."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(settings, pool_timeout=POOL_TIMEOUT))
        added = await register_search_attributes(resources.temporal)
        if added:
            log.info("search attributes registered", names=added)
        threads = stack.enter_context(ThreadPoolExecutor(PAYMENT_THREADS + 2, thread_name_prefix="payments"))
        for worker in build_workers(resources.temporal, build_activities(resources, threads), threads, settings):
            await stack.enter_async_context(worker)
        await keep_sweeping(resources.temporal)
        await sync_schedules(resources.temporal, scheduled_jobs(settings), BOOKINGS_QUEUE)
        log.info("worker ready", queues=[BOOKINGS_QUEUE, PAYMENTS_QUEUE, MAIL_QUEUE, BACKUPS_QUEUE])
        await stop.wait()
        log.info("worker stops: finishing what is under way")


def leave(code: int) -> None:
    """Leave at once: the SDK's threads can abort the interpreter's own exit (sdk-python issue 300)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """The worker process."""
    settings = configuration.load()
    configure_logging(settings.process)
    try:
        asyncio.run(run(settings))
    except Exception:
        log.exception("worker failed")
        leave(1)
    leave(0)


if __name__ == "__main__":
    main()
