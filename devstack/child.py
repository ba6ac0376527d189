"""One child process: tied to its parent, its output in its log, stopped with all that it started itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

CHILD_GUARD = Path(__file__).with_name("child_guard.py")
MARK = "REVCARE_STACK_ROOT"


@dataclass(frozen=True)
class Command:
    """How a part is run: its command line, environment and user, and the signals that end it."""

    words: list[str]
    env: Mapping[str, str]
    cwd: Path
    owner: tuple[int, int] | None = None
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL
    grace: float = 10.0


@dataclass
class Child:
    """A running part; `hurried` says that the one before it lived only a moment."""

    name: str
    command: Command
    process: subprocess.Popen[bytes]
    started: float
    hurried: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    def fate(self) -> str | None:
        """How it ended, as text; None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def stop(self) -> None:
        """Ask, wait, insist; then take what it left behind."""
        family = relatives(self.pid)
        if self.process.poll() is None:
            self.process.send_signal(self.command.stop)
            try:
                self.process.wait(self.command.grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        kill_all(family)


def spawn(name: str, command: Command, log: Path) -> Child:
    """Start a part. Call it from a thread that lives as long as the stack: Linux ties the child to the thread."""
    owner = "-" if command.owner is None else "{}:{}".format(*command.owner)
    guard = [sys.executable, "-I", "-S", str(CHILD_GUARD), str(os.getpid()), str(int(command.orphaned)), owner]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*guard, *command.words],
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, command, process, time.monotonic())


def relatives(pid: int) -> list[psutil.Process]:
    """All that a process started, and what these started."""
    try:
        children: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return children


def kill_all(processes: list[psutil.Process], grace: float = 2.0) -> None:
    """Wait a moment for processes that are ending by themselves, then kill the rest."""
    alive = _wait(processes, grace)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(alive, grace)


def _wait(processes: list[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Those that still run after that time. A process that ended counts as gone, whether or not init has noticed."""
    deadline = time.monotonic() + timeout
    while (alive := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def identity(pid: int) -> dict[str, Any]:
    """What distinguishes a process from a later one with the same id."""
    try:
        return {"pid": pid, "created": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "created": 0.0}


def strays(recorded: dict[str, dict[str, Any]], root: Path) -> list[psutil.Process]:
    """Processes of a supervisor that died without stopping them: those that it noted, and those that carry its mark."""
    found = {}
    for note in recorded.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(note["pid"])
            if abs(process.create_time() - note["created"]) < 1.0:
                found[process.pid] = process
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(root):
                found[process.pid] = process
    found.pop(os.getpid(), None)
    return [*found.values(), *(each for process in found.values() for each in relatives(process.pid))]


def end_strays(processes: list[psutil.Process]) -> None:
    """Stop leftovers: politely first, for the sake of their data."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    kill_all(processes, grace=5.0)
