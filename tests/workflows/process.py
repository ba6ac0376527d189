"""A worker in a process of its own, to be killed: what its activities did is in a file that outlives it.

python -m tests.workflows.process 127.0.0.1:7233 /tmp/journal
"""

import asyncio
import json
import os
import signal
import sys
import warnings
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from domain.emails import Attachment, BookingEmail
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.fakes.emails import FakeMailServer
from tests.fakes.outbox import FakeOutbox
from tests.fakes.store import FakeStore
from tests.workflows.engine import RELOADED, working
from tests.workflows.servers import connected

_EMAILS: TypeAdapter[list[BookingEmail]] = TypeAdapter(list[BookingEmail])
REPOSITORY = Path(__file__).parents[2]


class Journal:
    """One line per effect, written in one piece."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, **effect: Any) -> None:
        os.write(self._file, json.dumps(effect).encode() + b"\n")


class LastingStore(FakeStore):
    """Rows that also go into the journal."""

    def __init__(self, journal: Journal, waiting: Sequence[dict[str, Any]], dies: Path) -> None:
        super().__init__()
        self._journal, self._dies = journal, dies
        self.outbox = LastingOutbox(journal)
        for each in waiting:
            emails = _EMAILS.validate_python(each["emails"])
            FakeOutbox.write(self.outbox, each["kind"], each["booking"], each["version"], emails)

    async def project(
        self,
        booking: VisitBooking,
        update_id: str | None,
        emails: Sequence[BookingEmail] = (),
        freed: Collection[str] = (),
    ) -> None:
        await super().project(booking, update_id, emails, freed)
        if self._dies.exists() and self._dies.read_text() == f"{booking.id} {booking.event.action}":
            self._dies.unlink()
            os.kill(os.getpid(), signal.SIGKILL)  # after the commit, before the workflow knows of it

    def _write(self, booking: VisitBooking, update_id: str | None) -> None:
        super()._write(booking, update_id)
        self._journal.note(
            effect="row",
            booking=booking.id,
            version=booking.version,
            action=booking.event.action,
            status=booking.status,
            report=report.id if (report := booking.open_report()) else None,
            due=booking.invoices[-1].total if booking.invoices else None,
        )


class LastingOutbox(FakeOutbox):
    """An outbox that also goes into the journal; what left of it before is known as sent."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def write(self, kind: str, booking_id: int, version: int, emails: Sequence[BookingEmail]) -> None:
        super().write(kind, booking_id, version, emails)
        content = _EMAILS.dump_python(list(emails), mode="json")
        self._journal.note(effect="outbox", kind=kind, booking=booking_id, version=version, emails=content)


class LastingPost(FakeMailServer):
    """Mails that also go into the journal; what an earlier process has sent counts as sent."""

    def __init__(self, journal: Journal, sent_before: set[tuple[int, str, int]]) -> None:
        super().__init__()
        self._journal, self._before = journal, sent_before

    async def was_sent(self, notice: BookingEmail) -> bool:
        return (notice.booking_id, notice.slug, notice.sequence) in self._before or await super().was_sent(notice)

    async def send(self, notice: BookingEmail, attachments: Sequence[Attachment] = ()) -> str:
        self._journal.note(effect="mail", booking=notice.booking_id, kind=notice.slug, sequence=notice.sequence)
        return await super().send(notice, attachments)


class Dispensable:
    """The process, seen from the test."""

    def __init__(self, address: str, journal: Path) -> None:
        self._words = [sys.executable, "-m", "tests.workflows.process", address, str(journal)]
        self._journal = journal
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start one and wait until it works."""
        self._process = await asyncio.create_subprocess_exec(
            *self._words, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout
        assert await self._process.stdout.readline() == b"ready\n"

    async def kill(self) -> None:
        """kill -9."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def dies_after(self, action: str, booking_id: int) -> None:
        """`kill -9` by its own hand, once: when the rows of this action are committed and nobody knows of them yet."""
        self._journal.with_suffix(".dies").write_text(f"{booking_id} {action}")

    async def died(self) -> None:
        """Wait until it did."""
        assert self._process
        await self._process.wait()

    def effects(self, **like: Any) -> list[dict[str, Any]]:
        """The lines of the journal that look like this."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [effect for effect in map(json.loads, lines) if like.items() <= effect.items()]


@asynccontextmanager
async def dispensable(address: str, journal: Path) -> AsyncIterator[Dispensable]:
    """No process outlives the block."""
    process = Dispensable(address, journal)
    try:
        yield process
    finally:
        await process.kill()


async def main(address: str, journal: Path) -> None:
    before = Dispensable(address, journal)
    sent = {(mail["booking"], mail["kind"], mail["sequence"]) for mail in before.effects(effect="mail")}
    book = Journal(journal)
    store = LastingStore(book, before.effects(effect="outbox"), journal.with_suffix(".dies"))
    async with working(await connected(address), store=store, post=LastingPost(book, sent)):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", RELOADED)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
