"""What the API's process holds while it is attacked."""

import asyncio
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Held:
    """Descriptors, and MiB of memory."""

    descriptors: int
    mib: float


class Watch:
    """One process, looked at four times a second; the most that it held of each is kept."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.before = self.most = self.now()

    def now(self) -> Held:
        """What it holds.

        Raises:
            psutil.NoSuchProcess: it has ended.
        """
        return Held(self._process.num_fds(), self._process.memory_info().rss / 2**20)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            now = self.now()
            self.most = Held(max(self.most.descriptors, now.descriptors), max(self.most.mib, now.mib))
            await asyncio.sleep(_EVERY)
