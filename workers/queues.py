"""Queues and roles: what runs where.

Only a booking's own workflow has activities on ``bookings``, and none of them calls anybody but PostgreSQL. A booking
whose rows cannot be written keeps its slot until they can: everything else has slots of its own, so that refunds,
e-mails and above all a restore go on meanwhile.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from temporalio.client import Client
from temporalio.worker import (
    PollerBehaviorAutoscaling,
    PollerBehaviorSimpleMaximum,
    Worker,
)

from adapters.temporal.activity_log import ActivityLog
from adapters.temporal.client import RefusalInterceptor
from adapters.temporal.messages import MessageCheck
from settings import Process
from workers.activities import PAYMENT_THREADS, Activities
from workers.build import build_id
from workers.capacity import Capacity, usable_memory
from workers.kind import KindWorker
from workers.sandbox import workflow_runner
from workflows.account_lookup import AccountLookupWorkflow
from workflows.backup import BackupWorkflow, RestoreWorkflow
from workflows.booking.messages import (
    BACKUPS_QUEUE,
    BOOKINGS_QUEUE,
    MAIL_QUEUE,
    MAINTENANCE_QUEUE,
    PAYMENTS_QUEUE,
)
from workflows.email import EmailWorkflow, PasswordCodeWorkflow, PasswordResetWorkflow, TextMessageWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.late_payment import LatePaymentWorkflow
from workflows.outbox import EmailOutboxWorkflow
from workflows.projection_check import ProjectionCheckWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.recovery import BookingRecoveryWorkflow
from workflows.refund import RefundWorkflow
from workflows.sweep import PaymentSweepWorkflow


class WorkerRole(StrEnum):
    """What one worker process does; ``all`` is for a laptop."""

    WORKFLOWS = "workflows"
    ACTIVITIES = "activities"
    ALL = "all"


_WORKFLOWS: dict[str, tuple[type, ...]] = {
    BOOKINGS_QUEUE: (),
    PAYMENTS_QUEUE: (RefundWorkflow, LatePaymentWorkflow, ReconciliationWorkflow, AccountLookupWorkflow),
    MAIL_QUEUE: (
        EmailOutboxWorkflow,
        EmailWorkflow,
        PasswordResetWorkflow,
        PasswordCodeWorkflow,
        TextMessageWorkflow,
    ),
    MAINTENANCE_QUEUE: (
        PaymentSweepWorkflow,
        BookingRecoveryWorkflow,
        ProjectionCheckWorkflow,
        HousekeepingWorkflow,
    ),
    BACKUPS_QUEUE: (BackupWorkflow, RestoreWorkflow),
}
"""The workflow types of the engine, by the queue that they are started on."""

QUEUES: dict[WorkerRole, tuple[str, ...]] = {
    WorkerRole.WORKFLOWS: (BOOKINGS_QUEUE,),
    WorkerRole.ACTIVITIES: (PAYMENTS_QUEUE, MAIL_QUEUE, MAINTENANCE_QUEUE, BACKUPS_QUEUE),
}
QUEUES[WorkerRole.ALL] = QUEUES[WorkerRole.WORKFLOWS] + QUEUES[WorkerRole.ACTIVITIES]


def workflow_types(kinds: Sequence[KindWorker[Any]]) -> dict[str, tuple[type, ...]]:
    """The workflow types of the engine and of these kinds, by the queue that they are started on."""
    own = [{BOOKINGS_QUEUE: (kind.workflow,)} for kind in kinds] + [kind.workflows for kind in kinds]
    return {
        queue: (*types, *(each for brought in own for each in brought.get(queue, ())))
        for queue, types in _WORKFLOWS.items()
    }


def registered(activities: Activities) -> dict[str, Sequence[Callable[..., Any]]]:
    """The activities, by the queue that they are scheduled on."""
    engine: dict[str, Sequence[Callable[..., Any]]] = {
        BOOKINGS_QUEUE: [
            activities.bookings.open_booking,
            activities.bookings.find_free,
            activities.bookings.load_booking,
            activities.bookings.load_results,
            activities.bookings.project,
            activities.bookings.reserve,
            activities.documents.issue_document,
            activities.documents.issue_documents,
            activities.documents.unrecorded_documents,
        ],
        PAYMENTS_QUEUE: [
            activities.payments.create_order,
            activities.payments.fetch_order,
            activities.payments.fetch_and_capture,
            activities.payments.capture,
            activities.payments.refund,
            activities.payments.find_refund,
            activities.payments.fetch_refund,
            activities.payments.fetch_dispute,
            activities.payments.order_of,
            activities.payouts.create_transfer,
            activities.payouts.release_transfer,
            activities.payouts.reverse_transfer,
            activities.payouts.fetch_transfers,
            activities.payouts.fetch_account,
            activities.reconciliation.compare_part,
            activities.reconciliation.fetch_statement,
            activities.reconciliation.fetch_missing,
        ],
        MAIL_QUEUE: [
            activities.emails.send_booking_email,
            activities.emails.send_account_email,
            activities.outbox.drain_outbox,
            activities.passwords.reset_email_for,
            activities.texts.reset_code_for,
            activities.texts.send_text_message,
        ],
        MAINTENANCE_QUEUE: [
            activities.sweeps.sweep,
            activities.account.poll_account,
            activities.sweeps.purge_idempotency_keys,
            activities.recovery.refunded_payments,
            activities.recovery.needs_reopening,
            activities.recovery.reopen,
            activities.recovery.check_projections,
            activities.workflow_checks.check_workflows,
            activities.workflow_checks.restart_workflow,
            activities.workflow_checks.announce_recovery,
            activities.reconciliation.fetch_ledger,
            activities.reconciliation.compare_books,
            activities.reconciliation.report_differences,
            activities.reconciliation.store_result,
            activities.housekeeping.purge_expired,
        ],
        BACKUPS_QUEUE: [
            activities.backups.make_backup,
            activities.backups.mark_backup_failed,
            activities.backups.prune_backups,
            activities.backups.stage_restore,
            activities.backups.switch_restore,
            activities.backups.clear_restore,
        ],
    }
    return {queue: [*own, *activities.of_kinds.get(queue, ())] for queue, own in engine.items()}


def build_workers(
    client: Client,
    activities: Activities,
    threads: ThreadPoolExecutor,
    process: Process,
    kinds: Sequence[KindWorker[Any]],
    role: WorkerRole = WorkerRole.ALL,
) -> list[Worker]:
    """The workers of a role, one for each of its queues."""
    on_queue, types = registered(activities), workflow_types(kinds)
    limits = _limits(threads, process)
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=types[queue],
            activities=on_queue[queue],
            workflow_runner=workflow_runner(kinds, sandboxed=process.sandboxed_workflows),
            sticky_queue_schedule_to_start_timeout=process.sticky_timeout,
            graceful_shutdown_timeout=process.graceful_shutdown,
            interceptors=[ActivityLog(), RefusalInterceptor(), MessageCheck()],
            build_id=build_id(),
            **limits[queue],
        )
        for queue in QUEUES[role]
    ]


def _limits(threads: ThreadPoolExecutor, process: Process) -> dict[str, dict[str, Any]]:
    capacity = Capacity.of(process, usable_memory())
    busy = PollerBehaviorAutoscaling(minimum=1, initial=2, maximum=capacity.pollers)
    calm = PollerBehaviorAutoscaling(minimum=1, initial=1, maximum=5)
    few = {"max_cached_workflows": 50, "max_concurrent_workflow_tasks": 10, "workflow_task_poller_behavior": calm}
    return {
        BOOKINGS_QUEUE: {
            "max_cached_workflows": capacity.cached,
            "max_concurrent_workflow_tasks": process.workflow_tasks,
            "workflow_task_poller_behavior": busy,
            "activity_task_poller_behavior": busy,
        },
        PAYMENTS_QUEUE: {
            **few,
            "activity_executor": threads,
            "max_concurrent_activities": PAYMENT_THREADS,
            "activity_task_poller_behavior": calm,
        },
        MAIL_QUEUE: {**few, "max_concurrent_activities": 10, "activity_task_poller_behavior": calm},
        MAINTENANCE_QUEUE: {**few, "max_concurrent_activities": 4, "activity_task_poller_behavior": calm},
        BACKUPS_QUEUE: {
            **few,
            "max_concurrent_activities": 1,
            "activity_task_poller_behavior": PollerBehaviorSimpleMaximum(1),
        },
    }
