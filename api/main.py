"""The API process: ``python -m api.main``."""

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported stays: looking for garbage in it takes a fifth of the time of a start

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import structlog

import kinds
import startup
from adapters.logs import configure_logging
from adapters.postgres.kind import distinct
from api.app import create_app
from api.http.listener import Server
from api.http.server import configured
from api.kind import KindApi
from kind_settings import settings_by_kind
from production import Part
from settings import Settings

log = structlog.get_logger("api")


def run(words: Sequence[str] | None = None) -> None:
    """The API process."""
    argparse.ArgumentParser(
        prog="python -m api.main",
        description="Serve the HTTP API of one kind of booking; settings are environment variables (docs/settings.md).",
    ).parse_args(words)
    settings, unreadable = startup.read()
    try:
        kind, settings = served(settings, unreadable)
    except (LookupError, ValueError) as refused:
        startup.leave(refused)
    configure_logging(settings.process)
    process = settings.process
    log.info("api starts", kind=settings.web.kind, environment=process.environment, rehearsal=process.rehearsal)
    app = create_app(kind, settings=settings, watched=True)
    server = Server(configured(app, settings.web, web_sockets=kind.web_sockets))
    gc.freeze()  # what lives as long as the process: a full collection took 0.2 seconds, in which nobody was answered
    gc.set_threshold(10_000)  # thousands of connections are looked through in each; a twelfth of a busy process
    gc.enable()
    server.run()
    sys.stdout.flush()
    sys.stderr.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(0 if server.started else 1)


def served(settings: Settings, unreadable: Sequence[str] = ()) -> tuple[KindApi[Any], Settings]:
    """The kind that this process serves beside the others that are installed, and the settings of that kind.

    Raises:
        LookupError: it is not installed.
        ValueError: two of the kinds that are installed cannot stand side by side, or a setting is not as it must be.
    """
    packages = settings.process.kinds or kinds.INSTALLED
    storages = distinct([kinds.load_storage(package) for package in packages])
    kind: KindApi[Any] = kinds.load_layer(kinds.package_of(settings.web.kind, packages), "api")
    startup.judge(
        settings,
        Part.API,
        kinds=[kind.kind.name],
        supplier=kind.reads_supplier,
        unreadable=unreadable,
        policies=[kind.policy],
    )
    return kind, settings_by_kind([storage.kind.name for storage in storages], settings)[kind.kind.name]


if __name__ == "__main__":
    run()
