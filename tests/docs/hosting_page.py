"""docs/hosting.md as somebody who does what it says: its blocks in one shell, one after the other."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/hosting.md"
_DONE = "=== done"


def blocks(language: str) -> list[str]:
    """The blocks of that language, in their order."""
    return re.findall(rf"^```{language}\n(.+?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def step(title: str) -> list[str]:
    """The blocks to run below a heading."""
    [section] = re.findall(rf"^## {re.escape(title)}$(.+?)(?=^## )", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.+?)^```$", section, re.MULTILINE | re.DOTALL)


class Shell:
    """A shell in a clone of the repository; what fails ends it."""

    def __init__(self, process: "subprocess.Popen[str]", known: Mapping[str, str]) -> None:
        self._process, self._known = process, known

    def run(self, block: str, **entered: str) -> str:
        """What a block prints; ``entered`` are words of the page that somebody replaces by their own."""
        for there, instead in {**self._known, **entered}.items():
            block = block.replace(there, instead)
        writing, reading = _pipes(self._process)
        writing.write(f"{block}\necho '{_DONE}'\n")
        writing.flush()
        said: list[str] = []
        for line in reading:
            if line.strip().endswith(_DONE):
                return "".join([*said, line.removesuffix("\n").removesuffix(_DONE)])
            said.append(line)
        raise AssertionError(f"this failed:\n{block}\n{''.join(said)}")


@contextmanager
def shell(home: Path, known: Mapping[str, str]) -> Iterator[Shell]:
    """One with a home of its own. The last place where it looks for commands has `revcare`, as an installed one has."""
    programs = home / "bin"
    programs.mkdir(parents=True)
    command = programs / "revcare"
    python = REPOSITORY / ".venv/bin/python"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{python}" -m operations "$@"\n')
    command.chmod(0o755)
    kept = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")  # the servers that were built once
    env = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": kept, "PATH": f"{os.environ['PATH']}:{programs}"}
    with subprocess.Popen(
        ["bash", "-e", "-s"],
        cwd=REPOSITORY,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process, known)
        _pipes(process)[0].close()


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout
