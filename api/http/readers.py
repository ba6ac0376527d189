"""Whoever takes nothing of what is written to them is let go: a buffer that nobody empties would stay for ever."""

import asyncio

SLOWEST_READER = 5_000
"""Bytes per second that a client has to take, or none would be enough to keep a large answer in memory."""


class ReaderTimer:
    """Looks every ``timeout`` seconds at what is left in a transport's buffer, from ``start`` to ``stop``; aborts the
    connection when too little was taken since."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        self._loop, self._timeout = loop, timeout
        self._timer: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Whether somebody is expected to read."""
        return self._timer is not None

    def start(self, transport: asyncio.Transport) -> None:
        """From now on; it is not begun anew while it runs."""
        if self._timer is None:
            left = transport.get_write_buffer_size()
            self._timer = self._loop.call_later(self._timeout, self._look, transport, left)

    def stop(self) -> None:
        """Nothing is left to read, or nobody to read it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, transport: asyncio.Transport, before: int) -> None:
        self._timer = None
        if before - transport.get_write_buffer_size() >= self._timeout * SLOWEST_READER:
            self.start(transport)
        else:
            transport.abort()
