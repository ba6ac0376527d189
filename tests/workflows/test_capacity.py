"""A process of the workflows role takes on what its memory bears, unless its settings say how much."""

from pathlib import Path

import pytest

from settings import Process
from workers.capacity import MIB, Capacity, usable_memory

GIB = 1024 * MIB
UNLIMITED = "9223372036854771712"
"""What the first version of control groups says where there is no limit."""


@pytest.fixture
def machine(tmp_path: Path):
    """A machine with 8 GiB whose control groups say this, by file."""

    def made(groups: str, **limits: str) -> Path:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/meminfo").write_text(f"MemTotal:  {8 * 1024 * 1024} kB\nMemFree:  1024 kB\n")
        if groups:
            (tmp_path / "proc/self/cgroup").write_text(groups)
        for path, text in limits.items():
            file = tmp_path / "sys/fs/cgroup" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")
        return tmp_path

    return made


@pytest.mark.parametrize(
    ("memory", "cached", "pollers"),
    [(64 * MIB, 100, 4), (512 * MIB, 512, 4), (GIB, 1024, 8), (4 * GIB, 4096, 20), (512 * GIB, 10_000, 20)],
)
def test_a_larger_machine_keeps_more_bookings_in_memory_and_asks_for_more_tasks(memory, cached, pollers):
    assert Capacity.of(Process(), memory) == Capacity(cached, pollers)


def test_a_quarter_of_the_memory_bears_the_cached_bookings():
    for memory in (512 * MIB, GIB, 16 * GIB):
        assert Capacity.of(Process(), memory).cached * 256 * 1024 <= memory / 4


def test_what_the_settings_say_holds_whatever_memory_there_is():
    assert Capacity.of(Process(workflow_cache=7, workflow_pollers=3), GIB) == Capacity(7, 3)


def test_a_process_in_no_group_may_use_the_memory_of_the_machine(machine):
    assert usable_memory(machine("")) == 8 * GIB


@pytest.mark.parametrize(
    ("groups", "limits", "usable"),
    [
        ("0::/shop/worker\n", {"shop/worker/memory.max": str(GIB)}, GIB),
        ("0::/shop/worker\n", {"shop/worker/memory.max": "max", "shop/memory.max": str(2 * GIB)}, 2 * GIB),
        ("0::/shop/worker\n", {"shop/worker/memory.max": "max"}, 8 * GIB),
        ("0::/\n", {"memory.max": str(GIB)}, GIB),
        ("0::/of/the/host\n", {"memory.max": str(GIB)}, GIB),
        ("4:memory:/shop\n0::/\n", {"memory/shop/memory.limit_in_bytes": str(GIB)}, GIB),
        ("4:memory:/shop\n0::/\n", {"memory/shop/memory.limit_in_bytes": UNLIMITED}, 8 * GIB),
        ("4:cpu,memory:/x\n1:cpu:/y\n", {"memory/memory.limit_in_bytes": str(GIB)}, GIB),
        ("1:cpu:/shop\n", {"memory/shop/memory.limit_in_bytes": str(GIB)}, 8 * GIB),
    ],
)
def test_the_narrowest_control_group_limits_the_memory(machine, groups, limits, usable):
    assert usable_memory(machine(groups, **limits)) == usable


def test_this_very_process_has_some_memory():
    assert usable_memory() > 100 * MIB
