"""The machine of a simulation: its parts are killed, and in the middle another release of the worker takes over."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping

import psutil

from devstack.parts.base import REPOSITORY
from devstack.stack import Stack
from tests.simulation.record import Record

_READY_WITHIN = 60.0


class Machine:
    """The parts of a stack; the worker may be one of another release."""

    def __init__(self, stack: Stack, record: Record) -> None:
        self._stack, self._record = stack, record
        self._environment: Mapping[str, str] = psutil.Process(stack.pid("worker")).environ()
        self._other: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def kill(self, part: str) -> None:
        """``kill -9``; whatever it was is started again."""
        with self._lock:
            if part == "worker" and self._other is not None:
                self._other.kill()
                self._other.wait()
                self._other = self._spawn()
                self._record.note("machine", f"kill -9 {part}, of the other release")
                return
            killed = self._stack.kill(part)
            self._record.note("machine", f"kill -9 {part} ({killed})")
            self._stack.wait_ready(part, instead_of=killed)
            self._record.note("machine", f"{part} is back")

    def release(self) -> None:
        """The worker with the other rule takes over."""
        with self._lock:
            self._record.note("machine", "release: the worker stops")
            self._stack.halt("worker")
            self._other = self._spawn()
            time.sleep(1)
            if self._other.poll() is not None:
                self._record.fault("machine", "the worker of the other release does not start")
            self._record.note("machine", "release: the worker with the other rule is started")

    def roll_back(self) -> None:
        """The worker of before takes over again."""
        with self._lock:
            if self._other is None:
                return
            self._other.send_signal(signal.SIGTERM)
            self._other.wait(_READY_WITHIN)
            self._other = None
            self._stack.revive("worker")
            self._record.note("machine", "the release is rolled back")

    def all_ready(self, parts: Collection[str]) -> None:
        """Wait until every part answers."""
        for part in parts:
            self._stack.wait_ready(part)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self._stack.folder.log("worker_release").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.simulation.release", "workflows"],
                cwd=REPOSITORY,
                env=dict(self._environment),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
