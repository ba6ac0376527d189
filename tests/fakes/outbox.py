"""The outbox in memory: the same promises as ``adapters.postgres.outbox``."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.emails import BookingEmail


@dataclass
class Waiting:
    """An e-mail that waits. ``looks``: how often it could not leave yet."""

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

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self.since)


class FakeOutbox:
    """Rows by (booking, version, slug, person), in the order in which they were written."""

    def __init__(self) -> None:
        self.rows: list[Waiting] = []

    def write(self, kind: str, booking_id: int, version: int, emails: Sequence[BookingEmail]) -> None:
        """What the projection does: an equal version takes the place of the one before."""
        known = {(row.version, row.slug, row.person_id): row for row in self.rows if row.booking_id == booking_id}
        wanted = {(version, str(email.slug), email.person_id): email for email in emails}
        lost = [key for key in known if key[0] >= version and key not in wanted]
        self.rows = [row for row in self.rows if row not in [known[key] for key in lost]]
        for key, email in wanted.items():
            if key in known:
                known[key].mail = email
            else:
                self.rows.append(Waiting(kind, booking_id, *key, email, time.monotonic()))

    def of(self, booking_id: int) -> list[Waiting]:
        """What waits of a booking."""
        return [row for row in self.rows if row.booking_id == booking_id]

    async def due(self, limit: int) -> list[Waiting]:
        first: dict[tuple[int, str], Waiting] = {}
        for row in sorted(self.rows, key=lambda row: row.version):
            first.setdefault((row.booking_id, row.person_id), row)
        return [row for row in first.values() if row.next_at <= time.monotonic()][:limit]

    async def claim(self, email: Waiting, lasting: timedelta) -> BookingEmail | None:
        if email not in self.rows or email.next_at > time.monotonic():
            return None
        email.attempts += 1
        email.next_at = time.monotonic() + lasting.total_seconds()
        return email.mail

    async def postpone(self, email: Waiting, pause: timedelta) -> None:
        email.looks += 1
        email.next_at = time.monotonic() + pause.total_seconds()

    async def remove(self, email: Waiting) -> None:
        self.rows = [row for row in self.rows if row is not email]
