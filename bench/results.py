"""What was measured: each figure beside its limit or peer of the same run, as a table and as JSON."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]

ROUNDS = 5
Say = Callable[[str], None]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Round:
    """One side of a comparison, once: so many operations in so many seconds, and processor seconds by process."""

    operations: int
    seconds: float
    processor: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds

    def milliseconds(self) -> dict[str, float]:
        """Processor milliseconds of each process for one operation."""
        return {part: used * 1000 / self.operations for part, used in self.processor.items()}


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared, over all rounds: the medians."""

    name: str
    rate: float
    processor_ms: Json
    rounds: list[float]

    @classmethod
    def of(cls, name: str, rounds: Sequence[Round]) -> "Side":
        """The medians of some rounds; parts that hardly worked are left out."""
        each = [one.milliseconds() for one in rounds]
        parts = {part for one in each for part in one}
        medians = {part: round(median(one.get(part, 0.0) for one in each), 3) for part in sorted(parts)}
        used = {part: value for part, value in medians.items() if value >= 0.005}
        return cls(name, median(one.rate for one in rounds), used, [round(one.rate, 1) for one in rounds])

    def together(self, *parts: str) -> float:
        """Processor milliseconds of these processes, or of all but the one that asks."""
        wanted = parts or tuple(part for part in self.processor_ms if part != "bench")
        return float(sum(self.processor_ms.get(part, 0.0) for part in wanted))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a figure, what it is compared with, and what is wanted."""

    case: str
    what: str
    figure: str
    beside: str = ""
    ratio: float | None = None
    wanted: str = ""
    kept: bool | None = None


@dataclass(slots=True)
class Results:
    """Everything that one run found."""

    lines: list[Line] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def add(self, *lines: Line) -> None:
        """Rows of the table."""
        self.lines += lines

    def table(self) -> str:
        """For people."""
        head = ("case", "what", "measured", "beside", "ratio", "wanted", "")
        body = [
            (
                line.case,
                line.what,
                line.figure,
                line.beside,
                "" if line.ratio is None else f"{line.ratio:.3g}",
                line.wanted,
                {None: "", True: "kept", False: "not kept"}[line.kept],
            )
            for line in self.lines
        ]
        widths = [max(len(row[column]) for row in (head, *body)) for column in range(len(head))]
        rows = [head, tuple("-" * width for width in widths), *body]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)

    def write(self, path: Path) -> None:
        """For programs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"machine": machine(), "lines": self.lines, "details": self.details}
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


def machine() -> Json:
    """On what it was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "load_before": psutil.getloadavg()[0],
    }
