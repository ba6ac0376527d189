"""The outbox in memory: the same promises as ``adapters.postgres.outbox``."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.emails import BookingEmail
from tests.fakes.emails import FakeMailServer

LONGEST_REST = 0.25


@dataclass
class Waiting:
    """An e-mail that waits. ``looks``: how often it could not leave yet; ``since`` and ``read_at``: seconds."""

    kind: str
    booking_id: int
    version: int
    slug: str
    person_id: str
    mail: BookingEmail
    since: float
    attempts: int = 0
    next_at: float = 0.0
    looks: int = 0
    read_at: float = 0.0

    @property
    def key(self) -> tuple[int, int, str, str]:
        return self.booking_id, self.version, self.slug, self.person_id

    @property
    def age(self) -> timedelta:
        """When it was read, as the database has it."""
        return timedelta(seconds=self.read_at - self.since)


class FakeOutbox:
    """Rows by (booking, version, slug, person), in the order in which they were written."""

    def __init__(self) -> None:
        self.rows: list[Waiting] = []
        self._log = FakeMailServer()
        self._changed = asyncio.Event()

    def beside(self, log: FakeMailServer) -> "FakeOutbox":
        """One database has the outbox and this log."""
        self._log, log.outbox = log, self
        return self

    def write(self, kind: str, booking_id: int, version: int, emails: Sequence[BookingEmail]) -> None:
        """What the projection does: an equal version takes the place of the one before."""
        now = time.monotonic()
        known = {(row.version, row.slug, row.person_id): row for row in self.rows if row.booking_id == booking_id}
        wanted = {(version, str(email.slug), email.person_id): email for email in emails}
        lost = [key for key in known if key[0] >= version and key not in wanted]
        self.rows = [row for row in self.rows if row not in [known[key] for key in lost]]
        for key, email in wanted.items():
            if key in known:
                known[key].mail = email
            else:
                self.rows.append(Waiting(kind, booking_id, *key, email, now))
        self._changed.set()

    def of(self, booking_id: int) -> list[Waiting]:
        """What waits of a booking."""
        return [row for row in self.rows if row.booking_id == booking_id]

    async def due(self, limit: int, holding: int) -> list[Waiting]:
        """When nothing is due, it answers when that may have changed: who asks fifty times a second what waits takes
        two in a hundred of a processor, in each process of the tests and to its end."""
        if not (due := self._due(holding)):
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._rest())
            due = self._due(holding)
        return due[:limit]

    def _rest(self) -> float:
        now = time.monotonic()
        return min([LONGEST_REST, *(row.next_at - now for row in self.rows if row.next_at > now)])

    def _due(self, holding: int) -> list[Waiting]:
        """As they are now: what is done with them later changes the rows, not these."""
        now = time.monotonic()
        held: set[tuple[int, str]] = set()
        due = []
        for row in sorted(self.rows, key=lambda row: row.version):
            if (row.booking_id, row.person_id) not in held and row.next_at <= now:
                due.append(replace(row, read_at=now))
            if row.attempts < holding:
                held.add((row.booking_id, row.person_id))
        return due

    async def claim(self, email: Waiting, lasting: timedelta) -> tuple[BookingEmail, bool] | None:
        row = self._row(email)
        if row is None or row.next_at > time.monotonic():
            return None
        row.attempts += 1
        row.next_at = time.monotonic() + lasting.total_seconds()
        return row.mail, await self._log.was_sent(row.mail)

    async def postpone(self, email: Waiting, pause: timedelta) -> None:
        if row := self._row(email):
            row.looks += 1
            row.next_at = time.monotonic() + pause.total_seconds()
            self._changed.set()

    async def remove(self, email: Waiting) -> None:
        self.rows = [row for row in self.rows if row.key != email.key]
        self._changed.set()

    def remove_sent(self, mail: BookingEmail, version: int) -> None:
        key = mail.booking_id, version, mail.slug, mail.person_id
        self.rows = [row for row in self.rows if row.key != key]
        self._changed.set()

    def _row(self, email: Waiting) -> Waiting | None:
        return next((row for row in self.rows if row.key == email.key), None)
