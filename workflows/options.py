"""Timeouts and retries of activities, by the kind of their work."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

from workflows.booking.messages import BACKUPS_QUEUE, MAIL_QUEUE, MAINTENANCE_QUEUE, PAYMENTS_QUEUE

ActivityOptions = dict[str, Any]

PROJECTION: ActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=50), backoff_coefficient=2, maximum_interval=timedelta(seconds=1)
    ),
}
"""Local, one SQL transaction: tried until the database answers."""

DATABASE: ActivityOptions = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
    ),
}
"""Contended rows of a booking: scheduled before they run, tried until the database answers."""

ACCOUNT_LOOKUP: ActivityOptions = {**DATABASE, "task_queue": MAIL_QUEUE}
"""Who an e-mail is for, when nothing but an address is known."""

MAINTENANCE_LOOKUP: ActivityOptions = {**DATABASE, "task_queue": MAINTENANCE_QUEUE}
"""A short statement for a workflow that is no booking's."""

RESTART: ActivityOptions = {**MAINTENANCE_LOOKUP, "schedule_to_close_timeout": timedelta(seconds=30)}
"""The start of a workflow from its rows: given up for now, so that one that cannot be started holds up no other."""

PROVIDER: ActivityOptions = {
    "task_queue": PAYMENTS_QUEUE,
    "start_to_close_timeout": timedelta(seconds=15),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
    ),
}
"""The payment provider: tried until it answers."""

PROVIDER_BOUNDED: ActivityOptions = {**PROVIDER, "schedule_to_close_timeout": timedelta(minutes=15)}
"""The same, for as long as an admin need not be told."""

PAYOUT: ActivityOptions = {
    "task_queue": PAYMENTS_QUEUE,
    "start_to_close_timeout": timedelta(minutes=1),
    "heartbeat_timeout": timedelta(seconds=8),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}
"""Money for a payee: asked for once. What has no idempotency key is repeated by the booking, after a time to settle."""

PROVIDER_ON_SITE: ActivityOptions = {**PROVIDER, "schedule_to_close_timeout": timedelta(seconds=6)}
"""People wait on site; cash is the alternative."""

PROVIDER_BEFORE_DEADLINE: ActivityOptions = {**PROVIDER, "schedule_to_close_timeout": timedelta(minutes=2)}
"""The check for a payment before a deadline is applied; a later payment is recorded or refunded when it comes."""

MAIL: ActivityOptions = {
    "task_queue": MAIL_QUEUE,
    "start_to_close_timeout": timedelta(seconds=30),
    "schedule_to_close_timeout": timedelta(hours=24),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=10)
    ),
}
"""An e-mail: tried for a day. An attempt ends by itself (``activities.emails.SENT_WITHIN``), and then it is logged."""

OUTBOX: ActivityOptions = {
    "task_queue": MAIL_QUEUE,
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(seconds=8),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=4)
    ),
}
"""The sender of the outbox: runs for minutes with heartbeats, and again for ever."""

MAINTENANCE: ActivityOptions = {
    "task_queue": MAINTENANCE_QUEUE,
    "start_to_close_timeout": timedelta(minutes=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
    ),
}
"""A few SQL statements that no client waits for and that send no heartbeats: longer than one may take there."""

SWEEP: ActivityOptions = {
    **MAINTENANCE,
    "start_to_close_timeout": timedelta(minutes=3),
    "heartbeat_timeout": timedelta(seconds=45),
}
"""One round of the sweep: a heartbeat at every order, and none is begun after its time budget."""

AUDIT: ActivityOptions = {
    "task_queue": MAINTENANCE_QUEUE,
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
    ),
}
"""A comparison of many rows: may take minutes, with heartbeats."""

STATEMENT: ActivityOptions = {**AUDIT, "task_queue": PAYMENTS_QUEUE}
"""Lists of the payment provider, page by page."""

BACKUP: dict[str, Any] = {
    "task_queue": BACKUPS_QUEUE,
    "start_to_close_timeout": timedelta(minutes=30),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_attempts=3),
}
"""Long work with heartbeats: a lost worker is noticed after ten seconds, three attempts."""

BACKUP_CLEANUP: dict[str, Any] = {
    "task_queue": BACKUPS_QUEUE,
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
    ),
}
"""What must follow it, whether it succeeded or failed: tried until it is done."""
