"""The command ``revcare``: what operators start from a terminal, listed by ``revcare --help``.

``python -m operations`` and ``revcare-operate`` are the same; ``revcare-api``, ``revcare-worker`` and
``revcare-migrate`` are ``revcare api``, ``worker`` and ``migrate``. What is done at Temporal is a workflow as any
other. The kinds are those of ``REVCARE_KINDS``, as for a worker.

A verb is a function with annotated arguments in a module of ``operations/verbs``, under ``@app.command()``: its first
sentence is what the list says of it. Its name has to stand in ``GROUPS``. It takes its settings from ``judged()``,
prints what it found, and ends with ``raise typer.Exit(1)`` when somebody has to act. A ``BookingError``,
``LookupError`` or ``ValueError`` is printed as one line, exit code 2. What it does, and how that is told, belongs into
a module of ``operations`` itself, which knows no command line.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

import typer

from domain.errors import BookingError

GROUPS: Mapping[str, tuple[str, ...]] = {
    "processes": ("api", "worker", "migrate"),
    "beginning": ("settings", "bootstrap", "check"),
    "admins": ("add-admin", "reset-second-factor"),
    "rows": ("first-steps", "checks", "retention"),
    "pauses": ("pause", "resume", "pauses"),
    "sheets": ("sheets", "export", "import", "export-all", "import-all"),
    "books": ("reconcile", "books"),
    "bookings": ("stuck", "recovery", "replay"),
    "backups": ("backup-key", "export-backup", "import-backup"),
}
"""The modules of ``operations.verbs`` with their verbs; only that of the verb that is asked for is loaded: a worker has
no use for what the others need."""


def application(asked: str = "") -> typer.Typer:
    """The command line with the group of one verb; with all of them for any other word."""
    whole = typer.Typer(
        name="revcare",
        help="Commands for whoever runs the shop's computers; settings are environment variables (docs/settings.md).",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for group in [name for name, verbs in GROUPS.items() if asked in verbs] or GROUPS:
        whole.add_typer(import_module(f"operations.verbs.{group}").app)
    return whole


def run(words: Sequence[str]) -> int:
    """Do what the words say; answers the exit code."""
    try:
        application(words[0] if words else "")(args=list(words), prog_name="revcare")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (BookingError, LookupError, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


def main(words: Sequence[str] | None = None) -> NoReturn:
    """The command line of operators."""
    code = run(sys.argv[1:] if words is None else words)
    sys.stdout.flush()
    sys.stderr.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(code)


if __name__ == "__main__":
    main()
