"""Where the durable side comes together: adapters behind activities, stories on their queues.

``build_workers`` is used by the process, the tests and the replayer alike, so the sandbox is settled once: ``domain``
and ``activities`` are passed through (class identity of refusals, no import cost per booking), ``workflows`` stays
inside.
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
from activities.aftercare import AftercareActivities
from activities.backups import BackupActivities
from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.housekeeping import HousekeepingActivities
from activities.notices import NoticeActivities
from activities.passwords import PasswordActivities
from activities.payments import PaymentActivities
from activities.reconciling import ReconcileActivities
from activities.reminders import ReminderActivities
from activities.sweeps import SweepActivities
from adapters.backup import BackupParts
from adapters.documents.invoices import render_document
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
from adapters.temporal.schedules import keep_schedules
from adapters.temporal.signals import Names, WorkflowSignals
from domain.documents import Supplier
from domain.payments import OrderFacts
from migrations.command import upgrade
from settings import PolicySettings, Settings
from workflows.backup import BackupWorkflow, RestoreWorkflow
from workflows.housekeeping import Housekeeping
from workflows.late_payment import LatePayment
from workflows.mailing import Mailing, PasswordReset
from workflows.maintenance import SWEEP_ID, PaymentSweep, ProjectionCheck
from workflows.messages import (
    BACKUPS_QUEUE,
    BOOKINGS_QUEUE,
    MAIL_QUEUE,
    PAYMENTS_QUEUE,
    booking_workflow_id,
    late_workflow_id,
    refund_workflow_id,
    taken_up,
)
from workflows.reconciliation import Reconciliation
from workflows.refund import RefundWorkflow
from workflows.reminders import ServiceReminders
from workflows.schedules import DAILY_BACKUP, STANDING, Standing
from workflows.vehicle_service import VehicleService

WORKFLOWS = [
    VehicleService,
    RefundWorkflow,
    PaymentSweep,
    Reconciliation,
    BackupWorkflow,
    RestoreWorkflow,
    Mailing,
    PasswordReset,
    ServiceReminders,
    LatePayment,
    ProjectionCheck,
    Housekeeping,
]
NAMES = Names(BOOKINGS_QUEUE, booking_workflow_id, refund_workflow_id, late_workflow_id, taken_up)
PASSED_THROUGH = ("domain", "kinds.vehicle_service.domain", "activities")
PAYMENT_THREADS = 8

log = structlog.get_logger("worker")


@dataclass(frozen=True)
class Deeds:
    """The activities of one worker process; ``build_workers`` says which queue each is on."""

    bookings: BookingActivities
    documents: DocumentActivities
    payments: PaymentActivities
    notices: NoticeActivities
    sweeps: SweepActivities
    reconciling: ReconcileActivities
    backups: BackupActivities
    passwords: PasswordActivities
    reminders: ReminderActivities
    aftercare: AftercareActivities
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


def build_deeds(resources: Resources, threads: ThreadPoolExecutor) -> Deeds:
    """Each deed with the adapter that does it; mypy checks that they fit."""
    settings, database = resources.settings, resources.database
    gateway = RazorpayGateway(
        key_id=settings.razorpay.key_id,
        key_secret=settings.razorpay.key_secret.get_secret_value(),
        base_url=settings.razorpay.base_url,
    )
    books = DocumentRows(database, supplier(settings.policy), settings.policy.shop_timezone, render_document)
    kept = BackupParts.of(resources, upgrade)
    sender = MailSender(settings.mail, settings.web.public_url, resources.password_links)
    rows = BookingStore(database, settings.policy.shop_timezone)
    reporter = WorkflowSignals(resources.temporal, NAMES)
    return Deeds(
        bookings=BookingActivities(rows),
        documents=DocumentActivities(books),
        payments=PaymentActivities(gateway),
        notices=NoticeActivities(sender, EmailLogRows(database), books),
        sweeps=SweepActivities(
            PaymentEventRows(database, settings.policy.payment_rechecks),
            _PolledOrders(gateway, threads),
            reporter,
            IdempotencyKeys(database),
            settings.policy.payment_poll,
            settings.policy.webhook_silence,
        ),
        reconciling=ReconcileActivities(gateway, LedgerRows(database), reporter),
        backups=BackupActivities(kept.creator, kept.restorer),
        passwords=PasswordActivities(PasswordRows(database)),
        reminders=ReminderActivities(PastVisitRows(database, settings.policy.shop_timezone)),
        aftercare=AftercareActivities(rows, reporter),
        housekeeping=HousekeepingActivities(
            ExpiredRows(database, max(settings.web.login_lockout, settings.web.throttle_window))
        ),
    )


def workflow_runner(*, sandboxed: bool = True) -> WorkflowRunner:
    """The runner of all stories; unsandboxed is faster and a setting of production."""
    if not sandboxed:
        return UnsandboxedWorkflowRunner()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def build_workers(client: Client, deeds: Deeds, threads: ThreadPoolExecutor, settings: Settings) -> list[Worker]:
    """A queue each for stories and rows, the provider's slow calls, mails and backups, so that none delays another."""
    process = settings.process
    alike: dict[str, Any] = {
        "graceful_shutdown_timeout": process.graceful_shutdown,
        "interceptors": [ActivityLog(), RefusalInterceptor()],
    }
    polling = PollerBehaviorAutoscaling(minimum=1, initial=2, maximum=20)
    stories = Worker(
        client,
        task_queue=BOOKINGS_QUEUE,
        workflows=WORKFLOWS,
        activities=[
            deeds.bookings.open_booking,
            deeds.bookings.load_booking,
            deeds.bookings.project,
            deeds.bookings.move_slots,
            deeds.documents.issue_document,
            deeds.sweeps.sweep,
            deeds.sweeps.tidy,
            deeds.aftercare.returned,
            deeds.aftercare.is_news,
            deeds.aftercare.take_up_again,
            deeds.aftercare.check_rows,
            deeds.reconciling.posted,
            deeds.reconciling.compare_books,
            deeds.reconciling.file_findings,
            deeds.passwords.reset_letter_for,
            deeds.reminders.due_reminders,
            deeds.housekeeping.throw_away,
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
            deeds.payments.create_order,
            deeds.payments.fetch_order,
            deeds.payments.capture,
            deeds.payments.refund,
            deeds.payments.refundable,
            deeds.payments.fetch_refund,
            deeds.payments.fetch_dispute,
            deeds.reconciling.fetch_statement,
            deeds.reconciling.look_up,
        ],
        activity_executor=threads,
        max_concurrent_activities=PAYMENT_THREADS,
        **alike,
    )
    mail = Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=[deeds.notices.send_notice, deeds.notices.send_letter],
        max_concurrent_activities=10,
        **alike,
    )
    backups = Worker(
        client,
        task_queue=BACKUPS_QUEUE,
        activities=[
            deeds.backups.make_backup,
            deeds.backups.give_up_backup,
            deeds.backups.prune_backups,
            deeds.backups.stage_restore,
            deeds.backups.switch_restore,
            deeds.backups.clear_restore,
        ],
        max_concurrent_activities=1,
        max_concurrent_activity_task_polls=1,
        **alike,
    )
    return [stories, money, mail, backups]


def standing_orders(settings: Settings) -> list[Standing]:
    """What happens by the clock, with the intervals that are settings."""
    every = settings.backups.every
    return [
        replace(order, every=every, offset=order.offset % every) if order.id == DAILY_BACKUP else order
        for order in STANDING
    ]


async def keep_sweeping(client: Client) -> None:
    """One sweep for all processes: started if it is not there."""
    await client.start_workflow(
        PaymentSweep.run,
        id=SWEEP_ID,
        task_queue=BOOKINGS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="delivers lost hints, polls open orders",
    )


async def run(settings: Settings) -> None:
    """Work until told to stop, then finish what is under way."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(settings))
        added = await register_search_attributes(resources.temporal)
        if added:
            log.info("search attributes registered", names=added)
        threads = stack.enter_context(ThreadPoolExecutor(PAYMENT_THREADS + 2, thread_name_prefix="payments"))
        for worker in build_workers(resources.temporal, build_deeds(resources, threads), threads, settings):
            await stack.enter_async_context(worker)
        await keep_sweeping(resources.temporal)
        await keep_schedules(resources.temporal, standing_orders(settings), BOOKINGS_QUEUE)
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
