"""The output of the demo: a live table in a terminal, else one line per transition."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from devstack.demo.calls import Json
from devstack.demo.run import ScenarioRun

_COLOURS = {
    "booked": "white",
    "pickup": "cyan",
    "received": "bright_blue",
    "analysis": "blue",
    "analysed": "magenta",
    "in-progress": "yellow",
    "completed": "green_yellow",
    "out-for-delivery": "bright_green",
    "delivered": "bold green",
    "cancelled": "bold red",
}
_ROOMY = 100
# heading, width, share of what is left; 0: left out where there is no room
_COLUMNS = (
    ("booking", 9, 1),
    ("customer, vehicle", None, 5),
    ("status", 16, 1),
    ("waiting for", None, 8),
    ("last event", None, 0),
    ("money", 16, 1),
)


class Display:
    """Without a terminal: plain lines, each with the seconds since the beginning."""

    live = False

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, line: str) -> None:
        print(f"[{self.clock():5.1f} s] {line}", flush=True)

    def announce(self, line: str) -> None:
        self.say(f"*** {line} ***")

    def show(self, text: str) -> None:
        """Print it without a timestamp."""
        print(text, flush=True)

    def moved(self, run: ScenarioRun, entry: Json) -> None:
        before, after = run.shown["status"], entry["status"]
        way = after if before in (None, after) else f"{before} -> {after}"
        self.say(f"{run.journey.id} {run.scenario.name:<10} {way:<30} ({entry['action']} by {who(entry)})")

    def ended(self, run: ScenarioRun) -> None:
        self.show(f"booking {run.journey.id} {run.status}")

    @contextmanager
    def open(self) -> Iterator[None]:
        yield

    def redraw(self, runs: Sequence[ScenarioRun], worker: int | None) -> None:
        """Refresh the bookings, where there is a table."""

    def clock(self) -> float:
        return time.monotonic() - self._began


class LiveDisplay(Display):
    """In a terminal: a table that repaints itself; what is said goes above it."""

    live = True

    def __init__(self) -> None:
        super().__init__()
        self._console = Console(highlight=False)
        self._table: Live | None = None

    def say(self, line: str) -> None:
        self._console.print(Text(f"[{self.clock():5.1f} s] {line}", style="dim"))

    def announce(self, line: str) -> None:
        self._console.print(Text(f" {line} ", style="bold white on red"))

    def show(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def moved(self, run: ScenarioRun, entry: Json) -> None:
        """The table shows it."""

    @contextmanager
    def open(self) -> Iterator[None]:
        with Live(console=self._console, refresh_per_second=5) as self._table:
            yield
        self._table = None

    def redraw(self, runs: Sequence[ScenarioRun], worker: int | None) -> None:
        if self._table is None:
            return
        process = f"worker: process {worker}" if worker else "worker: gone"
        title = f"{len(runs)} bookings, each a durable workflow   {self.clock():.0f} s   {process}"
        columns = _COLUMNS if self._console.width >= _ROOMY else tuple(each for each in _COLUMNS if each[2])
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, expand=True)
        for heading, width, share in columns:
            table.add_column(heading, no_wrap=True, width=width, ratio=None if width else share or 5)
        for run in runs:
            cells = _cells(run)
            table.add_row(*(cells.get(heading, "") for heading, _, _ in columns))
        self._table.update(table)


def who(entry: Json) -> str:
    """The name of the person who acted."""
    by = entry["by"]
    return "RevCare" if by["role"] == "system" else str(by["name"] or by["id"] or by["role"])


def local_time(moment: str) -> str:
    """A time of the API in the local time zone."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone().strftime("%H:%M:%S")


def _cells(run: ScenarioRun) -> dict[str, Text]:
    booking = run.booking
    if not booking:
        return {"booking": Text(f"....\n{run.scenario.name}", style="dim")}
    vehicle, entry = booking["vehicle"], run.shown
    waiting, status = booking["waiting_for"], booking["status"]
    return {
        "booking": Text(f"{booking['id']}\n{run.scenario.name}"),
        "customer, vehicle": Text(f"{booking['customer']['name']}\n{vehicle['manufacturer']} {vehicle['model']}"),
        "status": Text(status, style=_COLOURS.get(status, "white")),
        "waiting for": Text(f"{waiting['who']}\n{waiting['what']}") if waiting else Text("closed", style="dim"),
        "last event": Text(f"{entry['action']}\nby {who(entry)}" if entry["version"] else ""),
        "money": Text(_money(booking)),
    }


def _money(booking: Json) -> str:
    totals = booking["totals"]
    lines = [f"paid {totals['paid']}"] if Decimal(totals["paid"]) else []
    if Decimal(totals["refunded"]):
        lines.append(f"refunded {totals['refunded']}")
    elif Decimal(totals["due"]):
        lines.append(f"due {totals['due']}")
    return "\n".join(lines)
