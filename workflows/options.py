"""Timeouts and retries, said once."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy, WorkflowIDReusePolicy

from workflows.messages import BACKUPS_QUEUE, MAIL_QUEUE, PAYMENTS_QUEUE

Patience = dict[str, Any]

ONCE_UNLESS_IT_BROKE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""For what is done once: a workflow that somebody terminated is started again."""

PROJECTION: Patience = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=50), backoff_coefficient=2, maximum_interval=timedelta(seconds=1)
    ),
}
"""Local, one SQL transaction: tried until the database answers."""

DATABASE: Patience = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
    ),
}
"""Contended rows: scheduled before they run, tried until the database answers."""

PROVIDER: Patience = {
    "task_queue": PAYMENTS_QUEUE,
    "start_to_close_timeout": timedelta(seconds=15),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
    ),
}
"""The payment provider: tried until it answers."""

PROVIDER_FOR_A_WHILE: Patience = {**PROVIDER, "schedule_to_close_timeout": timedelta(minutes=15)}
"""The same, until an admin has to be told."""

PROVIDER_AT_THE_DOOR: Patience = {**PROVIDER, "schedule_to_close_timeout": timedelta(seconds=6)}
"""Somebody waits at the door; there is another way."""

PROVIDER_AT_A_DEADLINE: Patience = {**PROVIDER, "schedule_to_close_timeout": timedelta(minutes=2)}
"""A last look before a deadline takes effect; money that comes later is sent back or counted then."""

MAIL: Patience = {
    "task_queue": MAIL_QUEUE,
    "start_to_close_timeout": timedelta(seconds=20),
    "schedule_to_close_timeout": timedelta(hours=24),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=10)
    ),
}
"""A mail: tried for a day."""

CHORE: Patience = {
    "start_to_close_timeout": timedelta(minutes=2),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
    ),
}
"""One SQL statement or two that nobody waits for."""

SWEEP: Patience = {**CHORE, "start_to_close_timeout": timedelta(minutes=3), "heartbeat_timeout": timedelta(seconds=45)}
"""One round of the sweep: says that it is alive at every order, and begins none after its time."""

AUDIT: Patience = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
    ),
}
"""A comparison of many rows: may take minutes, says that it is alive."""

STATEMENT: Patience = {**AUDIT, "task_queue": PAYMENTS_QUEUE}
"""The provider's lists, page by page."""

BACKUP: dict[str, Any] = {
    "task_queue": BACKUPS_QUEUE,
    "start_to_close_timeout": timedelta(minutes=30),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_attempts=3),
}
"""Long work that beats: lost with its worker after ten seconds, tried three times."""

BACKUP_CHORE: dict[str, Any] = {
    "task_queue": BACKUPS_QUEUE,
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
    ),
}
"""What must be done after it, well or not: tried until it is done."""
