"""pg_dump and pg_restore as child processes.

The password reaches them through libpq's environment: an argument would stand in the list of processes. Of our own
environment they get nothing but PATH.
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import make_url

from domain.errors import Unavailable

_BEAT = 0.25
_TOLD = 2000


class ProgramFailed(Exception):
    """A child ended badly; what it said last."""


class Programs:
    """PostgreSQL's own tools, for one server."""

    def __init__(self, postgresql_url: str, folder: Path | None) -> None:
        self._folder = folder
        self._env = {"PATH": os.environ.get("PATH", os.defpath), **libpq(postgresql_url)}

    async def dump(self, target: Path, snapshot: str, watch: Callable[[], None]) -> None:
        """The database as one transaction saw it, in custom format."""
        words = ["--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges", "--no-publications"]
        words += ["--no-subscriptions", "--exclude-schema=restoring", "--lock-wait-timeout=60000"]
        await self._run("pg_dump", [*words, f"--file={target}"], watch)

    async def contents(self, archive: Path) -> str:
        """The table of contents: an archive that can be read has one."""
        return await self._run("pg_restore", ["--list", str(archive)])

    async def restore(self, archive: Path, database: str) -> None:
        """Everything in the archive, into an empty database."""
        words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={database}"]
        await self._run("pg_restore", [*words, str(archive)])

    async def _run(self, name: str, words: list[str], watch: Callable[[], None] | None = None) -> str:
        program = self._find(name)
        words = ["--no-password", *words] if "--list" not in words else words
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            program, *words, env=self._env, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        try:
            said, complaint = await _watched(child.communicate(), watch)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            raise ProgramFailed(f"{name}: {complaint.decode(errors='replace').strip()[-_TOLD:]}")
        return said.decode(errors="replace")

    def _find(self, name: str) -> str:
        found = str(self._folder / name) if self._folder else shutil.which(name, path=self._env["PATH"])
        if not found or not Path(found).exists():
            raise Unavailable(f"the program {name} is missing: install PostgreSQL's client or set REVCARE_PG_BIN")
        return found


async def _watched(talk: Awaitable[tuple[bytes, bytes]], watch: Callable[[], None] | None) -> tuple[bytes, bytes]:
    """Wait for the child, asking ``watch`` now and then; what it raises ends the wait."""
    task = asyncio.ensure_future(talk)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_BEAT)
            if watch is not None:
                watch()
        return await task
    finally:
        task.cancel()


def libpq(url: str) -> dict[str, str]:
    """A connection's address in the variables that PostgreSQL's own programs read."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    known = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": parts.query.get("sslmode") or parts.query.get("ssl"),
        "PGSSLROOTCERT": parts.query.get("sslrootcert"),
        "PGTZ": "UTC",
    }
    return {name: value for name, value in known.items() if isinstance(value, str)}
