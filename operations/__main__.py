"""Commands for whoever runs the shop's computers. What is done at Temporal is a workflow as any other.

``python -m operations reconcile``: compare ledger, provider, bookings, documents and workflows now; print each
difference with the kind of its booking. Exit code 0 when the books agree, 1 when they do not.

``python -m operations replay FILE ..``: run histories of production against the workflows of this release, without a
server (``temporal workflow show -w ID --output json``). Exit code 1 when one of them could not go on, or when this
release decides otherwise what was decided.

``python -m operations recovery [show | go-on | restart BOOKING]``: bookings without a workflow and workflows that fail
(``docs/runbook-recovery.md``). Exit code 1 when some are, or when it is refused.

``python -m operations checks``: rows of the database that contradict each other, with what that means. Exit code 1 when
there are any. ``first-steps``: what is missing before the first booking, exit code 1 when something is.
``retention``: how long the rows of each table are kept.

``python -m operations sheets``: the reference data of each kind; ``export KIND SHEET`` writes it as CSV,
``import KIND SHEET FILE`` adds and changes rows by their key, all of them or none. ``add-admin KIND``: somebody who can
log in to a new database. ``reset-second-factor KIND ADMIN``: for an admin who has lost phone and recovery codes.

``python -m operations backup-key``, ``export-backup BACKUP FILE``, ``import-backup FILE``: encrypted copies of backups.

The kinds are those of ``REVCARE_KINDS``, as for a worker.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import kinds
import settings as configuration
import startup
from adapters.postgres.database import Database, Pools
from adapters.postgres.kind import distinct
from adapters.postgres.kind_operations import Operations
from api.schemas.people import NewPerson
from domain.errors import BookingError
from domain.recovery import BookingRef
from kind_settings import settings_by_kind
from operations import sheets
from operations.admins import add_admin, reset_second_factor
from operations.backups import add_backup_verbs
from operations.checks import Finding, missing, run_checks
from operations.reconciliation import reconcile, report_text
from operations.recovery import recovery, recovery_text
from operations.retention import retention_text
from production import Part
from settings import Settings
from worker import installed
from workers.replay import replay

T = TypeVar("T")
Options = argparse.Namespace


def operations_of(settings: Settings) -> list[Operations]:
    """What each installed kind brings."""
    packages = settings.process.kinds or kinds.INSTALLED
    found: list[Operations] = [kinds.load_layer(package, "operations") for package in packages]
    distinct([each.storage for each in found])
    return found


def run(words: Sequence[str] | None = None) -> int:
    """Do what the words say; answers the exit code."""
    options = _parser().parse_args(words)
    try:
        settings, unreadable = startup.read()
        kinds_asked = [options.kind.replace("-", "_")] if options.part is Part.INVITATIONS else []
        startup.judge(settings, options.part, kinds=kinds_asked, unreadable=unreadable)
        return int(options.run(options) or 0)
    except (BookingError, LookupError, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 2


def main() -> None:
    """The command line of operators."""
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    # The Temporal SDK's threads can abort the interpreter's own exit (sdk-python issue 300).
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations", description="Commands for operators.")
    verbs = parser.add_subparsers(required=True)

    def verb(
        name: str, run: Callable[[Options], int | None], about: str, part: Part = Part.OPERATIONS
    ) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=about)
        made.set_defaults(run=run, part=part)
        return made

    comparing = verb("reconcile", _reconcile, "compare the books now and print each difference")
    comparing.add_argument("--days", type=float, default=10, help="how far back to look (default 10)")
    again = "seconds after which a difference is looked at again, and counts if it is still there (default 30)"
    comparing.add_argument("--patience", type=float, default=30, help=again)
    replaying = verb("replay", _replay, "replay histories of production with the workflows of this release")
    history = "a history, from `temporal workflow show -w ID --output json`"
    replaying.add_argument("files", nargs="+", type=Path, metavar="FILE", help=history)
    recovering = verb("recovery", _recovery, "bookings without a workflow, and workflows that fail")
    recovering.add_argument("action", nargs="?", choices=("show", "go-on", "restart"), default="show")
    recovering.add_argument("booking", nargs="?", type=int, help="the booking to start again")
    recovering.add_argument("--kind", help="its kind, where there are several")
    verb("checks", _checks, "find rows that contradict each other")
    verb("first-steps", _first_steps, "what is missing before the first booking")
    verb("retention", _retention, "how long the rows of each table are kept")
    verb("sheets", _sheets, "the reference data that can be exported and imported")
    exporting = verb("export", _export, "write a sheet as CSV")
    importing = verb("import", _import, "add and change rows of a sheet from CSV")
    adding = verb("add-admin", _add_admin, "an admin, and a link with which they choose a password", Part.INVITATIONS)
    resetting = verb("reset-second-factor", _reset_second_factor, "take the second factor of an admin off")
    for made in (exporting, importing, adding, resetting):
        made.add_argument("kind", help="as REVCARE_KIND names it")
    for made in (exporting, importing):
        made.add_argument("sheet")
    importing.add_argument("file", type=Path, metavar="FILE")
    resetting.add_argument("admin", help="the id, as ADM000012")
    for name in ("name", "phone", "email"):
        adding.add_argument(f"--{name}", required=True)
    add_backup_verbs(verb)
    return parser


def _reconcile(options: Options) -> int:
    answer = asyncio.run(reconcile(options.days, options.patience))
    print(report_text(answer))
    return 1 if answer.differences else 0


def _retention(_options: Options) -> int:
    print(retention_text([each.storage for each in operations_of(configuration.load())]))
    return 0


def _replay(options: Options) -> int:
    failed = asyncio.run(replay(options.files, installed(configuration.load().process.kinds)))
    for path in options.files:
        print(f"{path}: {failed.get(path, 'can go on')}")
    return 1 if failed else 0


def _recovery(options: Options) -> int:
    if (options.action == "restart") is (options.booking is None):
        raise ValueError("restart needs a booking, the other actions none")
    kind = options.kind or installed(configuration.load().process.kinds)[0].kind.name
    try:
        state = asyncio.run(recovery(options.action, BookingRef(kind, options.booking) if options.booking else None))
    except BookingError as refusal:
        print(f"refused: {refusal.detail}")
        return 1
    print(recovery_text(state))
    return 1 if state.stopped or state.missing or state.failing else 0


def _checks(options: Options) -> int:
    found = _with_pools(lambda pools, every: run_checks(pools, every))
    for each in found:
        print(_told(each))
    return 1 if any(each.rows for each in found) else 0


def _told(finding: Finding) -> str:
    name = f"{finding.kind} {finding.check.name}"
    if not finding.rows:
        return f"{name}: nothing found"
    more = finding.rows - len(finding.first)
    lines = [f"{name}: {finding.rows} found: {finding.check.meaning}", *(f"  {line}" for line in finding.first)]
    return "\n".join([*lines, f"  and {more} more"] if more else lines)


def _first_steps(options: Options) -> int:
    found = _with_pools(missing)
    for kind, lacking in found.items():
        print(f"{kind}: {'nothing is missing' if not lacking else ''}".rstrip())
        print("".join(f"  {each}\n" for each in lacking), end="")
    return 1 if any(found.values()) else 0


def _sheets(options: Options) -> None:
    for each in operations_of(configuration.load()):
        for sheet in each.sheets:
            print(f"{each.kind.name.replace('_', '-')} {sheet.table.name}: {', '.join(sheet.columns)}")


def _export(options: Options) -> None:
    async def write(database: Database, kind: Operations, settings: Settings) -> int:
        async with database.read.connect() as connection:
            return await sheets.export(connection, kind.sheet(options.sheet), sys.stdout)

    _with_kind(options, write)


def _import(options: Options) -> None:
    async def read(database: Database, kind: Operations, settings: Settings) -> int:
        with options.file.open(newline="", encoding="utf-8") as lines:
            async with database.write.begin() as connection:
                return await sheets.load(connection, kind.sheet(options.sheet), lines)

    print(f"{_with_kind(options, read)} rows")


def _add_admin(options: Options) -> None:
    async def add(database: Database, kind: Operations, settings: Settings) -> tuple[str, str]:
        person = NewPerson(name=options.name, phone=options.phone, email=options.email)
        return await add_admin(database, kind, settings, person)

    person_id, link = _with_kind(options, add)
    print(f"{person_id} chooses a password at {link}")


def _reset_second_factor(options: Options) -> None:
    _with_kind(options, lambda database, *_: reset_second_factor(database, options.admin))
    print(f"{options.admin} has no second factor any more, and is logged out everywhere")


def _with_pools(use: Callable[[Pools, list[Operations]], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = configuration.load()
        pools = Pools(settings.stores)
        try:
            return await use(pools, operations_of(settings))
        finally:
            await pools.close()

    return asyncio.run(run())


def _with_kind(options: Options, use: Callable[[Database, Operations, Settings], Awaitable[T]]) -> T:
    async def in_its_schema(pools: Pools, every: list[Operations]) -> T:
        by_name = {each.kind.name.replace("_", "-"): each for each in every}
        if options.kind not in by_name:
            raise LookupError(f"no kind {options.kind} is installed, only {', '.join(by_name)}")
        kind = by_name[options.kind]
        settings = settings_by_kind([kind.kind.name], configuration.load())[kind.kind.name]
        return await use(pools.of(kind.storage.schema), kind, settings)

    return _with_pools(in_its_schema)


if __name__ == "__main__":
    main()
