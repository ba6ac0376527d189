"""The stack as a Python object, for the command line, the demo and the tests.

    with Stack(root, parts={"postgres", "temporal"}) as stack:
        stack.info["postgres"]

One thread of its own starts, watches and stops all children: Linux ties a child to the *thread* that started it.
"""

import queue
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devstack import parts as catalogue
from devstack.child import Child, end_strays, identity, spawn, strays
from devstack.errors import Interrupted, PartFailed, StackError
from devstack.parts import Job, Part, Site
from devstack.progress import clock
from devstack.readiness import until_ready
from devstack.stack_folder import StackFolder, read_json, write_json

_BEAT = 0.1
_QUICK_DEATH = 5.0


class Stack:
    """Real servers below `root`/.stack: started in order, watched, restarted when they die, stopped in reverse."""

    def __init__(
        self,
        root: Path,
        parts: Collection[str] | None = None,
        env: Mapping[str, str] | None = None,
        *,
        say: Callable[[str], None] = lambda line: None,
        discard: bool = False,
    ) -> None:
        """`parts`: all that its kinds need, if none are named. `env` is what the stack takes from its environment;
        `discard` deletes all data when it stops, so that no server waits for the disk."""
        parts = catalogue.usual(env or {}) if parts is None else parts
        if unknown := set(parts) - set(catalogue.ALL):
            raise StackError(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(catalogue.ALL)}")
        self.folder = StackFolder(root)
        self._wanted = [name for name in catalogue.ALL if name in parts]
        self._env = dict(env or {})
        self._say = say
        self._discard = discard
        self._parts: dict[str, Part] = {}
        self._children: dict[str, Child] = {}
        self._held: set[str] = set()
        self._due: dict[str, float] = {}
        self._orders: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.info: dict[str, Any] = {}

    def start(self) -> Self:
        """Start everything and return when all parts answer; on any failure everything is stopped again."""
        self.folder.create()
        self.folder.lock()
        started: Future[None] = Future()
        self._stopping.clear()
        self._over.clear()
        self._thread = threading.Thread(target=self._live, args=(started,), name="stack", daemon=True)
        self._thread.start()
        started.result()
        return self

    def ask_to_stop(self) -> None:
        """Say that it should end, without waiting: safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop everything in reverse order and leave nothing behind but the data."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wait(self) -> None:
        """Until somebody asks it to stop and all is stopped."""
        while not self._over.wait(0.5):
            pass

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def pid(self, name: str) -> int:
        """The process of a part now."""
        return self._children[name].pid

    def kill(self, name: str, signum: int = signal.SIGKILL) -> int:
        """Send a part a signal and return the process that got it; a part that ends by it is restarted."""
        child = self._children[name]
        child.process.send_signal(signum)
        return child.pid

    def halt(self, name: str) -> None:
        """Stop a part and keep it down until `revive`."""
        self._order(lambda: self._halt(name))

    def revive(self, name: str) -> None:
        """Start a halted part again and wait until it answers."""
        self._order(lambda: self._held.discard(name))
        self.wait_ready(name)

    def wait_ready(self, name: str, *, instead_of: int | None = None, timeout: float = 60.0) -> int:
        """Wait until a part runs (as another process than `instead_of`) and answers; returns its process."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            child = self._children[name]
            if child.pid != instead_of and child.fate() is None and self._parts[name].ready():
                return child.pid
            time.sleep(0.05)
        raise PartFailed(f"{name} does not answer after {timeout:.0f} s; its log is {self.folder.log(name)}")

    def _live(self, started: "Future[None]") -> None:
        try:
            self._begin()
        except BaseException as error:
            self._end()
            started.set_exception(error)
            return
        started.set_result(None)
        while not self._stopping.is_set():
            self._obey()
            self._tend()
        self._end()

    def _begin(self) -> None:
        self.folder.stack_file.unlink(missing_ok=True)
        if left := strays(read_json(self.folder.children_file) or {}, self.folder.root):
            self._say(f"stopping {len(left)} processes that an earlier stack left behind")
            end_strays(left)
        site = Site(self.folder, self._env, self._say, lasting=not self._discard)
        self._parts = {
            name: catalogue.part(name, site) for name in self._wanted if name not in catalogue.JOBS
        }  # fmt: skip
        for part in self._parts.values():
            site.exports |= part.exports()
        self._launch(catalogue.SERVERS)
        for name in catalogue.JOBS:
            if name in self._wanted:
                self._finish(catalogue.job(name, site))
        self._launch(catalogue.PRODUCT)
        self._write_info(site)

    def _launch(self, names: Collection[str]) -> None:
        """Start parts one after the other, then wait for each: they come up side by side."""
        began = {}
        for part in (self._parts[name] for name in names if name in self._parts):
            began[part.name] = time.monotonic()
            self._spawn(part)
        for name, since in began.items():
            part = self._parts[name]
            until_ready(part, self._children.get(name), since, self._stopping)
            self._say(f"{name:<10} ready in {clock(since)}  {part.address()}")

    def _spawn(self, part: Part) -> None:
        if command := part.command():
            self._children[part.name] = spawn(part.name, command, self.folder.rotate_log(part.name))
            self._note_children()

    def _finish(self, job: Job) -> None:
        since = time.monotonic()
        child = self._children[job.name] = spawn(job.name, job.command, self.folder.rotate_log(job.name))
        self._note_children()
        try:
            while child.process.poll() is None:
                if self._stopping.wait(0.05):
                    child.stop()
                    raise Interrupted("stopped before everything was ready")
        finally:
            del self._children[job.name]
        if child.process.returncode:
            raise PartFailed(f"{job.name} {child.fate()}.\n{self.folder.end_of_log(job.name)}")
        self._say(f"{job.name:<10} done in {clock(since)}")

    def _obey(self) -> None:
        try:
            order, answer = self._orders.get(timeout=_BEAT)
        except queue.Empty:
            return
        try:
            answer.set_result(order())
        except Exception as error:
            answer.set_exception(error)

    def _tend(self) -> None:
        """Restart what ended. A part that ends at once again and again waits a second, so that it cannot spin."""
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if name in self._held or not (fate := child.fate()):
                continue
            hurried = now - child.started < _QUICK_DEATH
            if now >= self._due.setdefault(name, now + 1.0 if hurried and child.hurried else now):
                del self._due[name]
                self._spawn(self._parts[name])
                self._children[name].hurried = hurried
                self._write_pids()
                self._say(f"{name} (process {child.pid}) {fate}: started again as process {self.pid(name)}")

    def _halt(self, name: str) -> None:
        self._held.add(name)
        self._children[name].stop()

    def _end(self) -> None:
        self.folder.stack_file.unlink(missing_ok=True)
        for name, child in reversed(list(self._children.items())):
            since = time.monotonic()
            child.stop()
            self._say(f"{name:<10} stopped in {clock(since)}")
        self._children.clear()
        self.folder.children_file.unlink(missing_ok=True)
        if self._discard:
            self.folder.forget()
        self.folder.unlock()
        self._over.set()

    def _order(self, action: Callable[[], Any]) -> Any:
        answer: Future[Any] = Future()
        self._orders.put((action, answer))
        return answer.result(60)

    def _write_info(self, site: Site) -> None:
        self.info = {
            "temporal_namespace": "default",
            "auth": {name: site.secrets[name] for name in ("secret_key", "refresh_secret_key")},
            "people": read_json(self.folder.people_file),
        }
        for part in self._parts.values():
            self.info |= part.facts()
        self._write_pids()

    def _write_pids(self) -> None:
        self.info["processes"] = {name: child.pid for name, child in self._children.items()}
        write_json(self.folder.stack_file, self.info)

    def _note_children(self) -> None:
        """Kept from the first child on, for the one who cleans up after a supervisor that was killed."""
        write_json(self.folder.children_file, {name: identity(child.pid) for name, child in self._children.items()})
