"""Removal of expired rows, so that tables of tokens, webhooks and e-mails do not grow for ever."""

from typing import Protocol

from temporalio import activity


class ExpiringRows(Protocol):
    """Tables whose rows expire."""

    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows; answers how many, by table."""


class UnnamedFiles(Protocol):
    """Uploaded files, some of which nothing has named in time."""

    async def remove(self) -> int:
        """Delete those; answers how many."""


class HousekeepingActivities:
    """One round of removal."""

    def __init__(self, rows: ExpiringRows, files: UnnamedFiles) -> None:
        self._rows = rows
        self._files = files

    @activity.defn
    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows, table by table, and uploaded files that nothing names."""
        return {**await self._rows.purge_expired(), "uploads": await self._files.remove()}
