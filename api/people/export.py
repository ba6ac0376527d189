"""Everything that is held of somebody, for themselves or for an admin.

It is written into a file and answered from there: rows go through memory some at a time, and no connection to a store
waits for whoever reads slowly.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any

import orjson
from fastapi import Header, Request
from fastapi.responses import StreamingResponse

from adapters.mongo.personal_data import COLLECTIONS
from adapters.postgres.kind import KindStorage
from adapters.postgres.personal_export import rows_of_person
from adapters.resources import Resources
from api.auth.current_password import proven
from api.auth.password_rules import LONGEST_TYPED
from api.dependencies import CurrentUser
from api.http.rate_limits import count_request, duration_text
from api.responses import AS_EVERYWHERE
from domain.errors import PasswordNeeded, TooLarge, TooMany

MOST = 50_000_000
"""Bytes of one export; a booking has some thousand."""
_IN_MEMORY = 1_000_000
_PIECE = 65_536

CurrentPassword = Annotated[
    str | None,
    Header(
        alias="X-Current-Password",
        min_length=1,
        max_length=4 * LONGEST_TYPED,
        description="One's own password, as UTF-8; admins need none",
    ),
]


def password_of(header: str) -> str:
    """What was entered: header values are read as Latin-1, whatever was sent."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


async def must_be_allowed(
    opened: Resources, request: Request, person: CurrentUser, person_id: str, current_password: str | None
) -> None:
    """Count one more export by this person, who proves their password for their own data.

    Raises:
        TooMany: they had too many of late, or were wrong too often.
        PasswordNeeded, Invalid: the password is missing or wrong.
    """
    throttles = opened.settings.throttles
    if await count_request(opened, f"export by {person.id}") > throttles.exports_per_person:
        window = throttles.throttle_window
        detail = f"too many exports; try again in {duration_text(window)}"
        raise TooMany(detail, retry_after=int(window.total_seconds()))
    if person.id == person_id:
        if not current_password:
            raise PasswordNeeded("X-Current-Password is needed for everything that is held of you")
        await proven(opened, request.app.state.login_by, person, password_of(current_password), request)


async def export(opened: Resources, storage: KindStorage[Any], person_id: str) -> StreamingResponse:
    """The answer, once all of it has been read.

    Raises:
        TooLarge: there is more than an export may have.
    """
    file = _Lists()
    head = {"person_id": person_id, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    await file.write(orjson.dumps(head)[:-1] + b',"held":{')
    async with rows_of_person(opened.database, storage, person_id) as found:
        async for table, rows in found:
            await file.begin(table)
            await file.add(rows)
    for collection, held in COLLECTIONS.items():
        if held.exported:
            await file.begin(collection)
            async for document in opened.mongo.personal.exported(collection, person_id):
                await file.add([orjson.dumps(document, option=AS_EVERYWHERE).decode()])
    await file.write(b"]}}")
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{person_id}.json"',
        "Content-Length": str(file.size),
    }
    return StreamingResponse(file.read(), media_type="application/json", headers=headers)


class _Lists:
    """A file that is written, list by list, then read once; in memory as long as it is small."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed once it was read
        self._list, self._before = "", ""
        self.size = 0

    async def begin(self, name: str) -> None:
        """The list of that name; the one at work goes on."""
        if name != self._list:
            await self.write(f'{"]," if self._list else ""}"{name}":['.encode())
            self._list, self._before = name, ""

    async def add(self, items: Sequence[str]) -> None:
        """Some items, as JSON."""
        if items:
            await self.write((self._before + ",".join(items)).encode())
            self._before = ","

    async def write(self, piece: bytes) -> None:
        """The next bytes. Raises TooLarge beyond the limit."""
        self.size += len(piece)
        if self.size > MOST:
            self._file.close()
            raise TooLarge(f"an export has at most {MOST // 10**6} MB; ask the shop for this one")
        await asyncio.to_thread(self._file.write, piece)

    async def read(self) -> AsyncIterator[bytes]:
        """All of it, in pieces."""
        with self._file as file:
            file.seek(0)
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
