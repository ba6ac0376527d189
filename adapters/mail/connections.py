"""Connections to the SMTP server, kept from one mail to the next.

To connect costs more than to send a small mail, with TLS many times more. A server may hang up between two mails;
the next one then goes over a new connection. A mail whose words were on their way is never sent again from here:
whether it was taken only the server knows.
"""

import asyncio
import contextlib
import time
from email.message import EmailMessage
from typing import Any

import aiosmtplib

from adapters.mail.parts import as_sent

_KEPT = 10
"""As many as the outbox sends at once. More are opened when others ask as well, and ended after their mail."""
_UNUSED_FOR, _AGE = 15.0, 120.0
"""Seconds; servers and what is on the way to them forget a connection that is silent for a minute or more."""
_MAILS = 50
"""Some servers take only so many over one connection."""
_FAREWELL = 2.0
"""Seconds for the server to answer QUIT; nothing depends on it."""


class Connection(aiosmtplib.SMTP):
    """A connection that knows since when it is there, what it has sent, and whether a mail's words have been sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.opened_at = self.used_at = time.monotonic()
        self.mails = 0
        self.words_sent = False

    async def data(self, message: str | bytes, /, **options: Any) -> aiosmtplib.SMTPResponse:
        """Send the words of a mail."""
        self.words_sent = True
        return await super().data(message, **options)

    @property
    def is_good(self) -> bool:
        """It may send another mail."""
        now = time.monotonic()
        in_time = now - self.used_at < _UNUSED_FOR and now - self.opened_at < _AGE
        return self.is_connected and in_time and self.mails < _MAILS


class Connections:
    """Those of one sender to its server; ``options`` are those of ``aiosmtplib.SMTP``."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._unused: list[Connection] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._looking: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, message: EmailMessage, sender: str, to: str) -> None:
        """Hand a mail over.

        Raises:
            SMTPException, OSError: it was not taken, or nobody can tell.
        """
        words = as_sent(message)
        for kept in (self._take(), None):
            connection = kept or await self._opened()
            connection.words_sent = False
            try:
                await connection.sendmail(sender, [to], words)
            except BaseException as failure:
                hung_up = isinstance(failure, aiosmtplib.SMTPException) and not connection.is_connected
                connection.close()
                if kept is None or not hung_up or connection.words_sent:
                    raise
                self._drop()
            else:
                self._keep(connection)
                return

    async def close(self) -> None:
        """End them all; what is sent later is sent over connections of its own."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
        self._drop()
        await asyncio.gather(*self._ending)

    async def _opened(self) -> Connection:
        connection = Connection(**self._options)
        try:
            await connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _take(self) -> Connection | None:
        """The one that was used last, so that those that are not needed grow old."""
        while self._unused:
            connection = self._unused.pop()
            if connection.is_good:
                return connection
            self._end(connection)
        return None

    def _keep(self, connection: Connection) -> None:
        connection.used_at = time.monotonic()
        connection.mails += 1
        if self._closed or len(self._unused) >= _KEPT or not connection.is_good:
            self._end(connection)
            return
        self._unused.append(connection)
        if self._looking is None:
            self._look_later()

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(_UNUSED_FOR, self._look)

    def _look(self) -> None:
        """End those that nobody has used."""
        good = [connection for connection in self._unused if connection.is_good]
        for connection in self._unused:
            if connection not in good:
                self._end(connection)
        self._unused, self._looking = good, None
        if good:
            self._look_later()

    def _drop(self) -> None:
        """End all that are kept: when the server hung up on one, it probably did so on the others."""
        while self._unused:
            self._end(self._unused.pop())

    def _end(self, connection: Connection) -> None:
        task = asyncio.create_task(_said_goodbye(connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _said_goodbye(connection: Connection) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.quit(timeout=_FAREWELL)
    connection.close()
