"""Logs: JSON for machines, readable lines in a terminal; request id and booking id where there are any."""

import logging
import sys

import structlog
from structlog.typing import Processor

from adapters.access_lines import of_request, write_json_to
from adapters.temporal.activity_log import name_booking
from settings import Process

_QUIET = ("uvicorn.access", "httpx", "urllib3", "alembic.runtime.plugins")


def configure_logging(process: Process) -> None:
    """Set up structlog and the standard library's logging alike; call it once, first."""
    console = process.log_format == "console" or (process.log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        of_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        name_booking,
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    write_json_to(None if console else _descriptor_of_stderr())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(process.log_level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _descriptor_of_stderr() -> int | None:
    """None where it is no file, as while tests look at it."""
    try:
        return sys.stderr.fileno()
    except OSError:
        return None
