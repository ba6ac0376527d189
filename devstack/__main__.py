"""The stack from the command line; `python -m devstack --help` lists the commands."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from devstack import builder, parts
from devstack.child import end_strays, strays
from devstack.errors import AlreadyRunning, Interrupted, StackError
from devstack.parts.base import REPOSITORY
from devstack.parts.mongodb import MongoDB
from devstack.parts.postgres import binaries
from devstack.progress import clock
from devstack.stack import Stack
from devstack.stack_folder import StackFolder, read_json

_DEVELOPMENT = {"REVCARE_ENVIRONMENT": "development"}


def say(line: str) -> None:
    print(line, flush=True)


def up(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Run the stack here until Ctrl-C, or leave it running in the background."""
    if arguments.detach:
        return _up_detached(folder, arguments)
    since = time.monotonic()
    only = arguments.only.split(",") if arguments.only else None
    stack = Stack(folder.root, only, os.environ, say=say)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: stack.ask_to_stop())
    try:
        stack.start()
    except Interrupted as error:
        say(str(error))
        return 130
    say(f"ready in {clock(since)}")
    _show(stack.info)
    say("Ctrl-C stops it." if sys.stdin.isatty() else "`python -m devstack down` stops it.")
    stack.wait()
    say("all stopped")
    return 0


def _up_detached(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Start a supervisor of its own session and repeat its output until the stack is ready."""
    if (pid := folder.supervisor()) is not None:
        raise AlreadyRunning(f"a stack is already running in {folder.path} (process {pid}); `make down` stops it")
    folder.create()
    folder.stack_file.unlink(missing_ok=True)  # that of a supervisor that was killed says nothing about this one
    log = folder.logs / "supervisor.log"
    words = ["--root", str(folder.root), "up", *(["--only", arguments.only] if arguments.only else [])]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "devstack", *words],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open() as lines:
        while True:
            code, ready = supervisor.poll(), folder.stack_file.exists()
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            if code is not None:
                return code or 1
            if ready:
                return 0
            time.sleep(0.1)


def down(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Stop the stack of this folder, and whatever a killed supervisor left behind."""
    if (pid := folder.supervisor()) is not None:
        say(f"stopping the stack (process {pid})")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        while folder.supervisor() == pid:
            time.sleep(0.1)
        say("stopped")
        return 0
    left = strays(read_json(folder.children_file) or {}, folder.root)
    end_strays(left)
    folder.stack_file.unlink(missing_ok=True)
    folder.children_file.unlink(missing_ok=True)
    say(f"stopped {len(left)} processes of a stack that was killed" if left else "no stack is running here")
    return 0


def status(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """What runs, and where; exit code 3 when nothing does."""
    pid, info = folder.supervisor(), read_json(folder.stack_file)
    if pid is None:
        say("no stack is running here; `make up` starts one")
        return 3
    if info is None:
        say(f"the stack (process {pid}) is starting or stopping; see {folder.logs}")
        return 3
    say(f"the stack runs (process {pid})")
    _show(info)
    for name, child in info["processes"].items():
        say(f"  {name:<10} process {child}")
    return 0


def reset(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Stop the stack and delete its data, logs and secrets."""
    down(folder, arguments)
    folder.forget()
    say(f"deleted {folder.path}")
    return 0


def build(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Build the servers that come without a wheel."""
    if not os.environ.get("TEMPORAL_ADDRESS"):
        found = builder.temporal(say)
        if not arguments.quiet:
            say(f"temporal  {found}")
    if not (os.environ.get("MONGODB_URI") or os.environ.get("MONGODB_URL")):
        found = MongoDB.server(say)
        if not arguments.quiet:
            say(f"mongodb   {found}")
    return 0


def migrate(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Bring the schema up to date: of POSTGRESQL_URL if set, else of the stack, which need not run."""
    url = os.environ.get("POSTGRESQL_URL") or (read_json(folder.stack_file) or {}).get("postgres")
    if url is None:
        with Stack(folder.root, ("postgres", "migrate"), os.environ, say=say):
            return 0
    command = [sys.executable, "-m", "migrations.command"]
    return subprocess.run(
        command, cwd=REPOSITORY, env=_DEVELOPMENT | dict(os.environ) | {"POSTGRESQL_URL": url}, check=False
    ).returncode


def reconcile(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """Compare the books of the stack that runs here; exit code 1 when they differ."""
    info = read_json(folder.stack_file)
    if info is None:
        raise StackError("no stack is running here; `make up` starts one")
    env = {"TEMPORAL_ADDRESS": info["temporal"], "TEMPORAL_NAMESPACE": info["temporal_namespace"]}
    command = [sys.executable, "-m", "operations", "reconcile"]
    return subprocess.run(command, cwd=REPOSITORY, env=_DEVELOPMENT | dict(os.environ) | env, check=False).returncode


def env(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """What the product reads to use the servers of the stack that runs here, as lines of an `.env`."""
    info = read_json(folder.stack_file)
    if info is None:
        raise StackError("no stack is running here; `make up` starts one")
    smtp, keys = info["mail"]["smtp"].rpartition(":"), info["razorpay"]
    for name, value in {
        "POSTGRESQL_URL": info["postgres"],
        "MONGODB_URI": info["mongodb"],
        "TEMPORAL_ADDRESS": info["temporal"],
        "TEMPORAL_NAMESPACE": info["temporal_namespace"],
        "MAIL_SERVER": smtp[0],
        "MAIL_PORT": smtp[2],
        **{f"RAZORPAY_{name.upper()}": value for name, value in keys.items()},
        "REVCARE_PG_BIN": binaries(),
    }.items():
        say(f"{name}={value}")
    return 0


def logs(folder: StackFolder, arguments: argparse.Namespace) -> int:
    """The last lines of one log, or of each."""
    for log in sorted(folder.logs.glob(f"{arguments.part or '*'}.log")):
        say(f"== {log}")
        say("\n".join(log.read_text(errors="replace").splitlines()[-arguments.lines :]))
    return 0


def _show(info: dict[str, Any]) -> None:
    places = {
        "API and its documentation": f"{info['api']}/docs" if "api" in info else None,
        "Temporal UI": info.get("temporal_ui"),
        "mails": info.get("mail", {}).get("api"),
        "PostgreSQL": info.get("postgres"),
        "MongoDB": info.get("mongodb"),
        "Razorpay sandbox": info.get("razorpay", {}).get("base_url"),
        "text messages and pushes": info.get("phone", {}).get("api"),
    }
    for what, where in places.items():
        if where:
            say(f"  {what:<26} {where}")
    people = info.get("people") or {}
    everybody = [("admin", people.get("admin")), *(("mechanic", each) for each in people.get("mechanics", [])[:1])]
    for role, person in [*everybody, *(("customer", each) for each in people.get("customers", [])[:1])]:
        if person:
            say(f"  log in as {role:<16} phone {person['phone']}  password {person['password']}")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack", description="The embedded development stack.")
    parser.add_argument("--root", type=Path, default=REPOSITORY, help="the folder that holds .stack/")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in (up, down, status, reset, build, migrate, reconcile, env, logs):
        command = verbs.add_parser(verb.__name__, help=verb.__doc__)
        command.set_defaults(run=verb)
        if verb is up:
            command.add_argument("--detach", action="store_true", help="return when ready and leave it running")
            command.add_argument("--only", metavar="PARTS", help=f"some of {','.join(parts.ALL)}")
        if verb is build:
            command.add_argument("--quiet", action="store_true", help="say nothing when there is nothing to do")
        if verb is logs:
            command.add_argument("part", nargs="?")
            command.add_argument("--lines", type=int, default=40)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(StackFolder(arguments.root), arguments)
    except StackError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
