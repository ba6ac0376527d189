"""Where the processor time of the tests goes, by file: ``make test ARGS="-p tests.processor_time"``.

Time by the clock says little where five processes share two cores and most tests wait. What a fixture of the whole
session starts is counted for the file that asked for it first, and whatever it does later for the one that runs then.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import psutil
import pytest

Spent = list[float]
"""Seconds of the process of the tests, of all that it started, and by the clock."""

MOST = 60
COLLECTING = "(importing and collecting)"
_SAID = "processor_time"


def spent() -> Spent:
    """So far, with the processes that have ended and those that still run."""
    own = os.times()
    started = own.children_user + own.children_system
    for child in psutil.Process().children(recursive=True):
        try:
            found = child.cpu_times()
        except psutil.Error:
            continue
        started += found.user + found.system + found.children_user + found.children_system
    return [own.user + own.system, started, time.monotonic()]


class Account:
    """What each file has cost in this process."""

    def __init__(self) -> None:
        self.files: defaultdict[str, Spent] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self._before = [0.0, 0.0, time.monotonic()]

    def settle(self, file: str) -> None:
        """All since the last time was for this one."""
        now = spent()
        self.add(file, [after - before for after, before in zip(now, self._before, strict=True)])
        self._before = now

    def add(self, file: str, seconds: Iterable[float]) -> None:
        self.files[file] = [sum(pair) for pair in zip(self.files[file], seconds, strict=True)]

    def lines(self) -> Iterator[str]:
        """The sum, then the most costly ones."""
        yield f"{'tests':>8} {'started':>8} {'clock':>8}  file"
        by_cost = sorted(self.files.items(), key=lambda each: -sum(each[1][:2]))
        columns = list(zip(*self.files.values(), strict=True)) or [(0.0,)] * 3
        for file, seconds in [("(all)", [sum(column) for column in columns]), *by_cost[:MOST]]:
            yield " ".join(f"{each:8.1f}" for each in seconds) + f"  {file}"


ACCOUNT = Account()


def pytest_collection_finish() -> None:
    ACCOUNT.settle(COLLECTING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    done: Any = yield
    if nextitem is None or nextitem.path != item.path:
        ACCOUNT.settle(item.nodeid.partition("::")[0])
    return done


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[_SAID] = dict(ACCOUNT.files)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of ``pytest -n`` has ended; one that was killed says nothing."""
    for file, seconds in getattr(node, "workeroutput", {}).get(_SAID, {}).items():
        ACCOUNT.add(file, seconds)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("processor time in seconds")
    for line in ACCOUNT.lines():
        terminalreporter.write_line(line)
