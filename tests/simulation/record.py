"""What was done in a simulation, in order, so that somebody can see how a fault came about."""

import threading
import time
from pathlib import Path

from temporalio.client import WorkflowHistory


class Record:
    """Lines of ``seconds who: what``; safe to share between threads."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._began = time.monotonic()
        self._lines: list[str] = []
        self._faults: list[str] = []
        self._files: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, who: str, what: str) -> None:
        """Something was done or answered."""
        line = f"{self.seconds:7.2f} {who}: {what}"
        with self._lock:
            self._lines.append(line)

    def fault(self, who: str, what: str) -> None:
        """Something that must not happen; the simulation goes on and fails at its end."""
        self.note(who, f"FAULT {what}")
        with self._lock:
            self._faults.append(f"{who}: {what}")

    def keep(self, name: str, content: str) -> None:
        """A file of that name beside the record; the latest content counts."""
        with self._lock:
            self._files[name] = content

    def keep_history(self, history: WorkflowHistory) -> None:
        """What a workflow did, for its stack will be gone."""
        self.keep(f"{history.workflow_id}.json", history.to_json())

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    @property
    def faults(self) -> list[str]:
        """What must not have happened, and did."""
        with self._lock:
            return list(self._faults)

    def about(self, word: str) -> list[str]:
        """The lines with that word in them."""
        with self._lock:
            return [line for line in self._lines if word in line]

    def count(self, word: str) -> int:
        """How many lines have that word in them."""
        return len(self.about(word))

    def write(self, path: Path) -> Path:
        """All of it, as a file, with those that were kept beside it."""
        with self._lock:
            for name, content in self._files.items():
                path.with_name(name).write_text(content)
            path.write_text("\n".join([f"seed {self.seed}", *self._lines, *(f"FAULT {each}" for each in self._faults)]))
        return path
