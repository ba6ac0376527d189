"""The output of the demo: a live table in a terminal, else one line per transition."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from devstack.demo.calls import Json
from devstack.demo.kind import Wording
from devstack.demo.run import Run

_ROOMY = 100
_QUIET = 5.0
_SUBJECT = "subject"
# heading, width, share of what is left; 0: left out where there is no room
_COLUMNS = (
    ("booking", 9, 1),
    (_SUBJECT, None, 5),
    ("status", 16, 1),
    ("waiting for", None, 8),
    ("last event", None, 0),
    ("money", 16, 1),
)


class Display:
    """Without a terminal: plain lines, each with the seconds since the beginning."""

    live = False

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self._began = self._spoke = time.monotonic()

    def say(self, line: str) -> None:
        self._spoke = time.monotonic()
        print(f"[{self.clock():5.1f} s] {line}", flush=True)

    def announce(self, line: str) -> None:
        self.say(f"*** {line} ***")

    def show(self, text: str) -> None:
        """Print it without a timestamp."""
        print(text, flush=True)

    def moved(self, run: Run, entry: Json) -> None:
        before, after = run.shown["status"], entry["status"]
        way = after if before in (None, after) else f"{before} -> {after}"
        self.say(f"{run.journey.id} {run.scenario.name:<10} {way:<30} ({entry['action']} by {who(entry)})")

    def ended(self, run: Run) -> None:
        self.show(f"booking {run.journey.id} {run.status}")

    @contextmanager
    def open(self) -> Iterator[None]:
        yield

    def redraw(self, runs: Sequence[Run], worker: int | None) -> None:
        """Refresh the bookings, where there is a table."""

    def waits(self, runs: Sequence[Run]) -> None:
        """Say what the bookings wait for, once nothing was said for a while; a table shows it anyway."""
        if time.monotonic() - self._spoke < _QUIET:
            return
        for run in runs:
            if run.booking and (waiting := run.booking["waiting_for"]):
                self.say(f"{run.journey.id} {run.scenario.name:<10} waits for {waiting['who']} {waiting['what']}")
        self._spoke = time.monotonic()

    def clock(self) -> float:
        return time.monotonic() - self._began


class LiveDisplay(Display):
    """In a terminal: a table that repaints itself; what is said goes above it."""

    live = True

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording)
        self._console = Console(highlight=False)
        self._table: Live | None = None

    def say(self, line: str) -> None:
        self._console.print(Text(f"[{self.clock():5.1f} s] {line}", style="dim"))

    def announce(self, line: str) -> None:
        self._console.print(Text(f" {line} ", style="bold white on red"))

    def show(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def moved(self, run: Run, entry: Json) -> None:
        """The table shows it."""

    def waits(self, runs: Sequence[Run]) -> None:
        """The table shows it."""

    @contextmanager
    def open(self) -> Iterator[None]:
        with Live(console=self._console, refresh_per_second=5) as self._table:
            yield
        self._table = None

    def redraw(self, runs: Sequence[Run], worker: int | None) -> None:
        if self._table is None:
            return
        process = f"worker: process {worker}" if worker else "worker: gone"
        title = f"{len(runs)} bookings, each a durable workflow   {self.clock():.0f} s   {process}"
        columns = _COLUMNS if self._console.width >= _ROOMY else tuple(each for each in _COLUMNS if each[2])
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, expand=True)
        for heading, width, share in columns:
            table.add_column(
                self.wording.heading if heading is _SUBJECT else heading,
                no_wrap=True,
                width=width,
                ratio=None if width else share or 5,
            )
        for run in runs:
            cells = _cells(run, self.wording)
            table.add_row(*(cells.get(heading, "") for heading, _, _ in columns))
        self._table.update(table)


def who(entry: Json) -> str:
    """The name of the person who acted."""
    by = entry["by"]
    return "RevCare" if by["role"] == "system" else str(by["name"] or by["id"] or by["role"])


def local_time(moment: str) -> str:
    """A time of the API in the local time zone."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone().strftime("%H:%M:%S")


def _cells(run: Run, wording: Wording) -> dict[str, Text]:
    booking = run.booking
    if not booking:
        return {"booking": Text(f"....\n{run.scenario.name}", style="dim")}
    entry = run.shown
    waiting, status = booking["waiting_for"], booking["status"]
    return {
        "booking": Text(f"{booking['id']}\n{run.scenario.name}"),
        _SUBJECT: Text("\n".join(wording.subject(booking))),
        "status": Text(status, style=wording.colours.get(status, "white")),
        "waiting for": Text(f"{waiting['who']}\n{waiting['what']}") if waiting else Text("closed", style="dim"),
        "last event": Text(f"{entry['action']}\nby {who(entry)}" if entry["version"] else ""),
        "money": Text("\n".join(wording.money(booking))),
    }
