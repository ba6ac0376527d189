"""Backups and restores over HTTP, and what they leave on disk and in the databases."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr

from backup_settings import Backups as BackupSettings
from devstack.stack import Stack
from operations.backups import export_backup, import_backup, new_key
from tests.api.concurrent import Api, Json
from tests.api.visits import Visits

LONGEST_WAIT = 60
"""Seconds until a backup or a restore must have ended."""


class Backups:
    """The stack as its admin sees it, and what lies behind it."""

    def __init__(self, stack: Stack, api: Api, visits: Visits) -> None:
        self.stack, self.api, self.visits = stack, api, visits
        self.admin = api.card("A")
        self.folder = Path(stack.folder.path / "backups")

    async def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        return await self.api.ask(method, path, self.admin, **content)

    async def ended(self, url: str) -> Json:
        """What became of a backup or a restore."""
        shown: Json = {}

        async def is_over() -> bool:
            shown.update((await self.ask("GET", url)).json())
            return shown["status"] not in ("queued", "running")

        await self.eventually(is_over)
        return shown

    async def eventually(self, so: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(LONGEST_WAIT):
            while not await so():  # noqa: ASYNC110 - other processes ring no bell
                await asyncio.sleep(0.1)

    async def backed_up(self, what: str = "both") -> str:
        """The name of a new backup."""
        asked = await self.ask("POST", "/backup/create", json={"backup_type": what})
        assert asked.status_code == 202, asked.text
        shown = await self.ended(asked.json()["url"])
        assert shown["status"] == "complete", shown
        return str(asked.json()["backup_name"])

    async def restored(self, **params: Any) -> tuple[Json, Json]:
        """What a restore answered, and what became of it."""
        asked = await self.ask("POST", "/backup/restore", params=params)
        assert asked.status_code == 202, asked.text
        return asked.json(), await self.ended(asked.json()["url"])

    async def left(self, copy: Path) -> tuple[str, SecretStr]:
        """The name of a backup that has left the machine, and the key of its copy."""
        name, key = await self.backed_up(), SecretStr(new_key())
        await asyncio.to_thread(export_backup, self._with(key), name, copy)
        shutil.rmtree(self.folder / name)
        return name, key

    async def back(self, copy: Path, key: SecretStr) -> str:
        """The name of a backup that was brought back with its key."""
        return await asyncio.to_thread(import_backup, self._with(key), copy)

    def _with(self, key: SecretStr) -> BackupSettings:
        return BackupSettings(backup_dir=self.folder, REVCARE_BACKUP_KEY=key)

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[list[int]]:
        """People who look at services all the time; their answers' statuses."""
        statuses: list[int] = []

        async def look() -> None:
            while True:
                statuses.append((await self.api.ask("GET", "/services/2")).status_code)
                await asyncio.sleep(0.01)

        people = [asyncio.create_task(look()) for _ in range(3)]
        yield statuses
        for each in people:
            each.cancel()
        await asyncio.gather(*people, return_exceptions=True)

    async def listed(self) -> list[Json]:
        rows: list[Json] = (await self.ask("GET", "/backup/list", params={"limit": 100})).json()
        return rows

    async def title(self, service: int) -> str:
        return str((await self.api.ask("GET", f"/services/{service}")).json()["title"])

    async def percent(self) -> str:
        return str((await self.api.ask("GET", "/gst/")).json()["percent"])

    async def traces(self) -> list[str]:
        """What an unfinished restore would leave behind."""
        schemas = "SELECT nspname FROM pg_namespace WHERE nspname = 'restoring'"
        databases = "SELECT datname FROM pg_database WHERE datname LIKE 'revcare_restoring%'"
        rows = await self.api.rows.fetch(f"{schemas} UNION ALL {databases}")
        client: Any = AsyncIOMotorClient(self.stack.info["mongodb"])
        names = await client.get_default_database().list_collection_names()
        client.close()
        drafts = [path.name for path in self.folder.glob(".making-*")]
        return [row[0] for row in rows] + [name for name in names if name.startswith("restoring")] + drafts
