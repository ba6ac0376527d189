"""The line of each answered request, written without the machinery of other lines, which costs more than the answer.

What a request is about is one dictionary in its context: every other line that is logged meanwhile has it too.
"""

import contextlib
import logging
import os
import time
from contextvars import ContextVar
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

_REQUEST: ContextVar[dict[str, Any] | None] = ContextVar("request", default=None)
_CLOCK = "%Y-%m-%dT%H:%M:%S"


def begin_request(facts: dict[str, Any]) -> None:
    """Everything that is logged in this context from now on carries these."""
    _REQUEST.set(facts)


def note_request(**facts: Any) -> None:
    """Add what is found out about the request, if there is one."""
    if (known := _REQUEST.get()) is not None:
        known.update(facts)


def request_id() -> str | None:
    """The number of the request that is being answered here, as its answer and all its lines have it."""
    return (_REQUEST.get() or {}).get("request_id")


def of_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Processor of structlog: what the line's request is about."""
    return {**known, **event} if (known := _REQUEST.get()) else event


class AccessLines:
    """Writes lines of a logger, in the form that was configured for all.

    ``descriptor``: of a file for lines of JSON; None leaves the line to structlog.
    """

    def __init__(self, logger: str) -> None:
        self._name = logger
        self._log = structlog.get_logger(logger)
        self._levels = logging.getLogger(logger)
        self._second, self._clock = 0, ""

    def write(self, event: str, facts: dict[str, Any]) -> None:
        """One line at level info."""
        if _descriptor is None:
            self._log.info(event, **facts)
        elif self._levels.isEnabledFor(logging.INFO):
            line = {
                **(_REQUEST.get() or {}),
                **facts,
                "event": event,
                "level": "info",
                "logger": self._name,
                "timestamp": self._now(),
            }
            with contextlib.suppress(OSError):  # nobody reads it any more
                os.write(_descriptor, orjson.dumps(line, default=repr, option=orjson.OPT_APPEND_NEWLINE))

    def _now(self) -> str:
        nanoseconds = time.time_ns()
        second, rest = divmod(nanoseconds, 1_000_000_000)
        if second != self._second:
            self._second, self._clock = second, time.strftime(_CLOCK, time.gmtime(second))
        return f"{self._clock}.{rest // 1000:06d}Z"


_descriptor: int | None = None


def write_json_to(descriptor: int | None) -> None:
    """Where lines of JSON go from now on; None: through structlog."""
    global _descriptor
    _descriptor = descriptor
