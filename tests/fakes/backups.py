"""Backups in memory."""

from collections.abc import Callable

from domain.backups import BackupInput, Made, Restored, RestoreInput
from domain.errors import BookingError

Tell = Callable[[str], None]


class FakeBackups:
    """Makes nothing and restores nothing, but remembers in which order; can refuse or break at a step."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failed: dict[str, str] = {}
        self.safe_in: dict[str, str] = {}
        self.refusals: dict[str, BookingError] = {}
        self.breaks: dict[str, int] = {}

    async def make(self, given: BackupInput, tell: Tell) -> Made:
        self._step(f"make {given.reason}", "make")
        return Made(given.name, {str(store): 1000 for store in given.stores}, {"users": 3})

    async def prune(self) -> list[str]:
        self._step("prune", "prune")
        return ["backup-20200101T000000Z-00000000"]

    async def stage(self, given: RestoreInput, tell: Tell) -> None:
        self._step("stage", "stage")

    async def note_safety(self, given: RestoreInput, backup: str) -> None:
        self.safe_in[given.name] = backup

    async def switch(self, given: RestoreInput, tell: Tell) -> Restored:
        self._step("switch", "switch")
        return Restored(rows={"users": 3})

    async def clear(self, given: RestoreInput) -> None:
        self._step("clear", "clear")

    async def note_failure(self, name: str, why: str) -> None:
        self.failed[name] = why

    def _step(self, what: str, kind: str) -> None:
        self.steps.append(what)
        if kind in self.refusals:
            raise self.refusals[kind]
        if self.breaks.get(kind, 0) > 0:
            self.breaks[kind] -= 1
            raise RuntimeError("the disk is full")
