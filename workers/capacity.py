"""How much a process of the workflows role takes on at once: as its settings say, else by the memory there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from settings import Process

MIB = 1024 * 1024
_SHARE = 4
"""A quarter is for bookings in the cache; the rest for the interpreter and for tasks under way."""
_A_BOOKING = 256 * 1024
"""Bytes. Measured are 140 KiB with a booking that was just made; it grows with what happens to it."""
_FEWEST, _MOST = 100, 10_000
_A_POLLER = 128 * MIB
_FEWEST_POLLERS, _MOST_POLLERS = 4, 20


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a process of the workflows role takes on."""

    cached: int
    """So many bookings stay in memory between their tasks; any other is read from its history when it is needed."""
    pollers: int
    """So many tasks are asked for at once. After a crash each brings a whole history along."""

    @classmethod
    def of(cls, process: Process, memory: int) -> "Capacity":
        """As the settings say, else by the memory that there is."""
        cached = min(max(memory // _SHARE // _A_BOOKING, _FEWEST), _MOST)
        pollers = min(max(memory // _A_POLLER, _FEWEST_POLLERS), _MOST_POLLERS)
        return cls(process.workflow_cache or cached, process.workflow_pollers or pollers)


def usable_memory(root: Path = Path("/")) -> int:
    """Bytes that this process may use: those of the machine, or of the narrowest control group that it is in."""
    return min([_of_the_machine(root), *_limits(root)])


def _of_the_machine(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/meminfo does not say how much memory there is")


def _limits(root: Path) -> Iterator[int]:
    """Of its group and of those around it. Inside a container the path may be the host's: then its own is the top."""
    groups = root / "proc/self/cgroup"
    for line in groups.read_text().splitlines() if groups.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top, name = (
            ("sys/fs/cgroup/memory", "memory.limit_in_bytes") if controllers else ("sys/fs/cgroup", "memory.max")
        )
        group = Path(path.lstrip("/"))
        for each in (group, *group.parents):
            limit = root / top / each / name
            if limit.is_file() and (text := limit.read_text().strip()).isdecimal():
                yield int(text)
