"""What the API's process holds while it is attacked."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

_EVERY = 0.25
_SOCKETS, _LISTENS = Path("/proc/net/tcp"), "0A"


@dataclass(frozen=True, slots=True)
class Held:
    """Descriptors, MiB of memory, and connections that the machine has taken and the process has not."""

    descriptors: int
    mib: float
    waiting: int


class Watch:
    """One process, looked at four times a second; the most that it held of each is kept."""

    def __init__(self, pid: int, url: str) -> None:
        self._process, self._port = psutil.Process(pid), f":{urlsplit(url).port or 80:04X} "
        self.before = self.most = self.now()

    def now(self) -> Held:
        """What it holds.

        Raises:
            psutil.NoSuchProcess: it has ended.
        """
        return Held(self._process.num_fds(), self._process.memory_info().rss / 2**20, self._waiting())

    def _waiting(self) -> int:
        lines = [line for line in _SOCKETS.read_text().splitlines() if self._port in line]
        return sum(int(line.split()[4].partition(":")[2], 16) for line in lines if line.split()[3] == _LISTENS)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            now = self.now()
            self.most = Held(
                max(self.most.descriptors, now.descriptors),
                max(self.most.mib, now.mib),
                max(self.most.waiting, now.waiting),
            )
            await asyncio.sleep(_EVERY)
