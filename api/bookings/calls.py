"""Calls of workflows with a time limit; their failures get the names that a client of the API can act on."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.refusals import passes_soon
from domain.errors import BookingError, BookingStalled, NotFinished, TooMany, Unavailable

T = TypeVar("T")
_log = structlog.get_logger()

_TRIES_WHILE_FAILING, _BETWEEN_TRIES = 16, 0.5
_UNTIL_IT_IS_MENDED = 60
_ENDED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
_GONE = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS})
_SLOW = frozenset({RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class WorkflowGone(Exception):
    """The workflow takes no updates and signals: it has ended, or never was. The rows know which."""


async def within(limit: timedelta, call: Callable[[], Awaitable[T]]) -> T:
    """The outcome of a call. ``rpc_timeout`` bounds one attempt, ``limit`` all attempts together.

    Raises:
        BookingError: the refusal of the booking's rules.
        WorkflowGone: there is no such running workflow.
        NotFinished: it takes longer; safe to repeat with the same id.
        BookingStalled: the tasks of its workflow fail.
        TooMany, Unavailable: Temporal is busy or down.
    """
    try:
        async with asyncio.timeout(limit.total_seconds() + 1):
            return await _retried(call)
    except WorkflowUpdateFailedError as failure:
        raise _cause(failure) from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        raise NotFinished from None
    except WorkflowAlreadyStartedError:
        raise WorkflowGone from None
    except RPCError as fault:
        raise _by_status(fault) from fault


async def _retried(call: Callable[[], Awaitable[T]]) -> T:
    """A workflow refuses updates after a task that failed until it is done again, and between two of its runs."""
    for _ in range(_TRIES_WHILE_FAILING):
        try:
            return await call()
        except RPCError as fault:
            if not passes_soon(fault):
                raise
        await asyncio.sleep(_BETWEEN_TRIES * random.uniform(0.5, 1.5))  # noqa: S311 - not all at one moment
    return await call()


def _cause(failure: WorkflowUpdateFailedError) -> Exception:
    cause = failure.cause
    if isinstance(cause, BookingError):
        return cause
    if isinstance(cause, ApplicationError) and cause.type == _ENDED_MEANWHILE:
        return WorkflowGone()
    _log.error("an update failed", fault=str(cause)[:300])
    return Unavailable("the booking engine could not do that; try again shortly")


def _by_status(fault: RPCError) -> Exception:
    if fault.status in _GONE:
        return WorkflowGone()
    if fault.status in _SLOW:
        return NotFinished()
    if fault.status is RPCStatusCode.FAILED_PRECONDITION:
        return BookingStalled(retry_after=_UNTIL_IT_IS_MENDED)
    if fault.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return TooMany("the booking engine is busy; try again shortly")
    _log.warning("a call to the booking engine failed", status=fault.status.name, fault=fault.message[:300])
    return Unavailable("the booking engine is not available; try again shortly")
