"""The API process: ``python -m api.main``."""

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported stays: looking for garbage in it takes a fifth of the time of a start

import argparse
import os
import sys
from typing import Any

import structlog
import uvicorn

import kinds
import settings as configuration
from adapters.logs import configure_logging
from adapters.postgres.kind import distinct
from api.app import create_app
from api.http.server import configured
from api.kind import KindApi
from kind_settings import settings_by_kind
from production import Part, must_be_complete
from settings import Settings

log = structlog.get_logger("api")


def run() -> None:
    """The API process."""
    argparse.ArgumentParser(
        prog="python -m api.main",
        description="Serve the HTTP API of one kind of booking; settings are environment variables (docs/settings.md).",
    ).parse_args()
    settings = configuration.load()
    configure_logging(settings.process)
    log.info("api starts", kind=settings.web.kind, environment=settings.process.environment)
    kind, settings = served(settings)
    server = uvicorn.Server(configured(create_app(kind, settings=settings), settings.web))
    gc.freeze()  # what lives as long as the process: a full collection took 0.2 seconds, in which nobody was answered
    gc.enable()
    server.run()
    sys.stdout.flush()
    sys.stderr.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(0 if server.started else 1)


def served(settings: Settings) -> tuple[KindApi[Any], Settings]:
    """The kind that this process serves beside the others that are installed, and the settings of that kind.

    Raises:
        LookupError: it is not installed.
        ValueError: two of the kinds that are installed cannot stand side by side, or production lacks a setting.
    """
    packages = settings.process.kinds or kinds.INSTALLED
    storages = distinct([kinds.load_storage(package) for package in packages])
    kind: KindApi[Any] = kinds.load_layer(kinds.package_of(settings.web.kind, packages), "api")
    must_be_complete(settings, Part.API, [kind.kind.name], supplier=kind.reads_supplier)
    return kind, settings_by_kind([storage.kind.name for storage in storages], settings)[kind.kind.name]


if __name__ == "__main__":
    run()
