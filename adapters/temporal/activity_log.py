"""The worker's log: every line of a booking's workflow or of its activities carries the booking id.

The API binds the booking to a request; here it is read from the id of the workflow that scheduled the activity.
"""

import re
import time
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

log = structlog.get_logger("worker.activities")

# "<kind>-1021", and the workflow of one of its refunds: "refund-rf-1021-1021008-00000032"
_BOOKING = re.compile(r"(?:[a-z][a-z_]*-(\d+)$|refund-rf-(\d+)-)")
_SDK_EXTRAS = ("temporal_workflow", "temporal_activity")


def booking_of(workflow_id: str | None) -> int | None:
    """The booking whose workflow this is, if it is one's."""
    found = _BOOKING.match(workflow_id or "")
    return int(found[1] or found[2]) if found else None


def name_booking(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Add the booking to what the SDK's loggers say: they keep the workflow in an extra of the record."""
    record = event.get("_record")
    for extra in _SDK_EXTRAS:
        workflow_id = getattr(record, extra, {}).get("workflow_id")
        if (booking_id := booking_of(workflow_id)) is not None:
            event.setdefault("booking_id", booking_id)
    return event


class ActivityLog(Interceptor):
    """Logs a line per activity that ran for a booking, and the booking in every line written meanwhile."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - theirs
        """Wrap every activity."""
        return _LoggedActivity(next)


class _LoggedActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - theirs
        info = activity.info()
        if (booking_id := booking_of(info.workflow_id)) is None:
            return await super().execute_activity(input)
        since = time.perf_counter()
        # Each attempt runs in a task of its own, and threads get a copy of its context.
        structlog.contextvars.bind_contextvars(booking_id=booking_id, attempt=info.attempt)
        outcome = await super().execute_activity(input)
        log.info("done", activity=info.activity_type, ms=round((time.perf_counter() - since) * 1000, 1))
        return outcome
