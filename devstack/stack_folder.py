"""`.stack/`: the one folder where a stack keeps its data, logs, secrets, ports and the note of what runs."""

import contextlib
import fcntl
import json
import os
import random
import secrets
import shutil
import socket
from pathlib import Path
from typing import Any

from devstack.errors import AlreadyRunning

_SECRETS = (
    *("postgres", "secret_key", "refresh_secret_key", "razorpay_key_secret", "razorpay_webhook_secret"),
    "phone_sms_token",
)
_DATA = ("mongodb", "temporal", "mail", "razorpay", "phone", "uploads")
_LOG_LIMIT = 10_000_000


class StackFolder:
    """The folder `.stack/` below `root`; everything in it is readable by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.path = self.root / ".stack"
        self.logs = self.path / "logs"
        self.stack_file = self.path / "stack.json"
        self.children_file = self.path / "children.json"
        self.people_file = self.path / "people.json"
        self._lock: int | None = None
        self._ports: dict[str, int] = {}

    def create(self) -> None:
        """Make the folders; `.stack` itself can be entered by its owner alone."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)

    def data(self, name: str) -> Path:
        """The data folder of one part."""
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        return folder

    def lock(self) -> None:
        """Hold the folder for this process; the lock goes with the process, however it ends."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            pid = self.supervisor()
            raise AlreadyRunning(
                f"a stack is already running in {self.path} (process {pid}); stop it with `make down`"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._lock = handle

    def unlock(self) -> None:
        """Let the next one in."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def supervisor(self) -> int | None:
        """The process that holds the folder now, if any."""
        try:
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(handle, 20) or 0) or None
        finally:
            os.close(handle)
        return None

    def secrets(self) -> dict[str, str]:
        """Passwords and keys, made once: the data that they open survives `down` and `up`, so must they."""
        kept: dict[str, str] = read_json(self.path / "secrets.json") or {}
        if missing := [name for name in _SECRETS if name not in kept]:
            kept |= {name: secrets.token_hex(24) for name in missing}
            kept.setdefault("razorpay_key_id", "rzp_test_" + secrets.token_hex(7))
            write_json(self.path / "secrets.json", kept)
        return kept

    def port(self, name: str) -> int:
        """A free loopback port for `name`: the same for the life of the stack, and after it while nobody took it."""
        if not self._ports:
            remembered: dict[str, int] = read_json(self.path / "ports.json") or {}
            self._ports = {owner: port for owner, port in remembered.items() if _is_free(port)}
        if name not in self._ports:
            self._ports[name] = _free_port(set(self._ports.values()))
            write_json(self.path / "ports.json", self._ports)
        return self._ports[name]

    def people_of(self, kind: str) -> Path:
        """The file with the demo logins of a second kind."""
        return self.path / f"people-{kind}.json"

    def log(self, name: str) -> Path:
        """The log of one part."""
        return self.logs / f"{name}.log"

    def end_of_log(self, name: str) -> str:
        """The last lines of a part's log, for the message that says why it failed."""
        log = self.log(name)
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])

    def rotate_log(self, name: str) -> Path:
        """The log of a part about to start; a long one is put aside once, so that logs cannot fill the disk."""
        path = self.log(name)
        if path.exists() and path.stat().st_size > _LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        return path

    def remembers_bookings(self) -> bool:
        """Whether a Temporal server ran here before."""
        return (self.path / "temporal").exists()

    def forget_data(self) -> None:
        """Delete what the parts keep here; ports, secrets and logs stay."""
        for name in _DATA:
            shutil.rmtree(self.path / name, ignore_errors=True)

    def forget(self) -> None:
        """Delete every trace, also what had to lie outside (see `parts.postgres`)."""
        for link in self.path.glob("*"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)


def read_json(path: Path) -> Any:
    """The content of a JSON file, None when there is none."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file at once: readers see the old or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
    draft.replace(path)


def _free_port(taken: set[int]) -> int:
    # Below the range from which the system serves outgoing connections: one of those could sit on the port while a
    # killed child is being started again.
    try:
        low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        low = 32768
    candidates = range(max(low - 12_000, 10_000), low) if low > 11_000 else range(20_000, 60_000)
    for port in random.sample(candidates, len(candidates)):
        if port not in taken and _is_free(port):
            return port
    raise AlreadyRunning("no free port on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
