"""What is past its time is thrown away, so that tables of tokens do not grow for ever."""

from typing import Protocol

from temporalio import activity


class Perishables(Protocol):
    """What does not keep."""

    async def throw_away(self) -> dict[str, int]:
        """Delete what is past its time; answers how many rows of which table that was."""


class HousekeepingActivities:
    """One round through the house."""

    def __init__(self, rows: Perishables) -> None:
        self._rows = rows

    @activity.defn
    async def throw_away(self) -> dict[str, int]:
        """Delete what is past its time, table by table."""
        return await self._rows.throw_away()
