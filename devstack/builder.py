"""The two servers that come without a wheel: where they are found, and how they are built when nowhere.

For Temporal: `temporal` on PATH, a build in the user's cache, the SDK's own download, `go build`. For the Mongo-wire
server: the cache, `go build`. One build makes both; it takes some minutes once per user and machine, for the cache is
keyed by what is built, not by the checkout.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from devstack import golang
from devstack.errors import StackError
from devstack.progress import Ticker

SOURCES = Path(__file__).with_name("servers")
HOSTED = Path(__file__).with_name("temporal_server") / "main.go"
CLI_VERSION = "1.8.2"
_CLI = "github.com/temporalio/cli/cmd/temporal"
_OLDEST_SERVER = (1, 30)
Say = Callable[[str], None]


def temporal(say: Say) -> Path:
    """The Temporal CLI."""
    if (found := shutil.which("temporal")) and _is_recent(found, say):
        return Path(found)
    built = cache() / "temporal"
    return built if built.exists() else _download(say) or build("temporal", _CLI, say)


def hosted_temporal(say: Say) -> Path:
    """The hosted Temporal server, for measurements and tests of its store; built when one asks for it.

    Its source lies outside the module whose packages it uses, so that it changes no key of the cache.
    """
    name = f"temporal-server-{hashlib.sha256(HOSTED.read_bytes()).hexdigest()[:16]}"
    built = cache() / name
    return built if built.exists() else build(name, str(HOSTED), say)


def mongowire(say: Say) -> Path:
    """FerretDB, as `devstack/servers/mongowire` runs it."""
    built = cache() / "mongowire"
    return built if built.exists() else build("mongowire", "./mongowire", say)


def cache() -> Path:
    """Where this very version of the servers is kept for this user."""
    parts = sorted(path for path in SOURCES.rglob("*") if path.suffix in {".go", ".mod", ".sum"})
    key = hashlib.sha256(CLI_VERSION.encode())
    for path in parts:
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    return _cache_root() / key.hexdigest()[:16]


def build(name: str, package: str, say: Say) -> Path:
    """Build one server into the cache, once for all checkouts of this user, and put it there whole."""
    with _alone(say):
        done = cache() / name
        if not done.exists():
            done.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="building-", dir=_cache_root()) as draft:
                _go_build(golang.find(say), package, Path(draft) / name, Ticker(say, name))
                (Path(draft) / name).rename(done)
        return done


def _go_build(go: golang.Go, package: str, target: Path, ticker: Ticker) -> None:
    ticker.note("looking what there is to compile (fetches Go modules the first time)")
    link = f"-s -w -X github.com/temporalio/cli/internal/temporalcli.Version={CLI_VERSION}"
    flags = ["-trimpath", "-buildvcs=false", "-ldflags", link]
    stale = ["list", "-deps", *flags, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", package]
    total = len([line for line in go.lines(stale, SOURCES, ticker.seen_module) if line])
    ticker.note(f"compiling {total} packages (once for this user, some minutes on a small machine)")
    go.lines(["build", "-v", *flags, "-o", str(target), package], SOURCES, ticker.counting(total))
    ticker.done("built")


def _download(say: Say) -> Path | None:
    """The SDK's own download of the pinned CLI. Without a way out it fails in a second, so trying costs nothing."""
    folder = _cache_root() / f"temporal-{CLI_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    if found := next(_programs(folder), None):
        return found
    say(f"servers: trying to download the Temporal CLI {CLI_VERSION}")
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-m", "devstack.builder", str(folder)],
            cwd=SOURCES.parents[1],
            capture_output=True,
            timeout=180,
            check=False,
        )
    return next(_programs(folder), None)


def _programs(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        # The SDK fetches into a file of another name and renames it when whole.
        if path.name.startswith("temporal") and ".downloading" not in path.name and os.access(path, os.X_OK):
            yield path


async def _start_once(folder: str) -> None:
    """Starting a dev server is the SDK's only way to fetch it."""
    from temporalio.testing import WorkflowEnvironment

    server = await WorkflowEnvironment.start_local(
        dev_server_download_version=f"v{CLI_VERSION}", download_dest_dir=folder, dev_server_log_level="error"
    )
    await server.shutdown()


def _is_recent(program: str, say: Say) -> bool:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    server = re.search(r"[Ss]erver (\d+)\.(\d+)", answer)
    if server and (int(server[1]), int(server[2])) >= _OLDEST_SERVER:
        return True
    say(f"servers: passing over {program} ({answer.strip() or 'no version'}): older than what the engine needs")
    return False


def _cache_root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "revcare" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _alone(say: Say) -> Iterator[None]:
    with (_cache_root() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("servers: another checkout is building them; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        asyncio.run(_start_once(sys.argv[1]))
    except (RuntimeError, OSError, StackError) as error:
        print(error, file=sys.stderr)
    # The SDK's threads can abort an ordinary exit.
    os._exit(0)
