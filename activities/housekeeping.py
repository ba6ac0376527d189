"""Removal of expired rows, so that tables of tokens, webhooks and e-mails do not grow for ever."""

from typing import Protocol

from temporalio import activity


class ExpiringRows(Protocol):
    """Tables whose rows expire."""

    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows; answers how many, by table."""


class HousekeepingActivities:
    """One round of removal."""

    def __init__(self, rows: ExpiringRows) -> None:
        self._rows = rows

    @activity.defn
    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows, table by table."""
        return await self._rows.purge_expired()
