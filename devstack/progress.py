"""Saying how a long step gets on: often enough that nobody wonders, not so often that a log drowns."""

import sys
import time
from collections.abc import Callable

_EVERY = 5.0


class Ticker:
    """Counts what a long step does and says so every few seconds; in a terminal on one line that rewrites itself."""

    def __init__(self, say: Callable[[str], None], what: str) -> None:
        self._say, self._what = say, what
        self._began = self._said = time.monotonic()
        self._count = 0
        self._live = sys.stdout.isatty()

    def note(self, text: str) -> None:
        """Something that is worth a line of its own."""
        self._say(f"{self._what}: {text}")

    def seen_module(self, line: str) -> None:
        """One line of Go's output while it fetches modules."""
        if line.startswith("go: downloading"):
            self._count += 1
            self._tick(f"{self._count} modules fetched, {line.removeprefix('go: downloading ')}")

    def counting(self, total: int) -> Callable[[str], None]:
        """A reader of Go's package names that says how many of `total` are done."""
        self._count = 0

        def seen(line: str) -> None:
            self._count += 1
            self._tick(f"{self._count} of {total} packages, {line.rpartition('/')[2]}")

        return seen

    def done(self, text: str) -> None:
        self._clear()
        self._say(f"{self._what}: {text} in {clock(self._began)}")

    def _tick(self, text: str) -> None:
        line = f"{self._what}: {clock(self._began)}  {text}"
        if self._live:
            print(f"\r\x1b[K{line[:110]}", end="", flush=True)
        elif time.monotonic() - self._said > _EVERY:
            self._said = time.monotonic()
            self._say(line)

    def _clear(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", flush=True)


def clock(since: float) -> str:
    """Elapsed time, the way people say it."""
    seconds = time.monotonic() - since
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02} min"
