"""Connections to PostgreSQL through this process: what arrives late on them, and what does not arrive at all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from urllib.parse import urlsplit

_LISTENS = b'LISTEN "revcare_auth_'


class Relay:
    """Passes bytes on to a server and back."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self.ended = asyncio.Event()
        """Set when the server has ended a session, whose last bytes have been passed on."""
        self._flowing, self._ending = asyncio.Event(), asyncio.Event()
        self._flowing.set()
        self._ending.set()

    @contextmanager
    def holding_notifications(self) -> Iterator[None]:
        """For this long nothing arrives on connections that listen for invalidations, and nothing says so."""
        with _cleared(self._flowing):
            yield

    @contextmanager
    def holding_ends(self) -> Iterator[None]:
        """For this long a session that the server ends has said so, but its connection is not closed yet.

        In time it is closed a moment later. In this moment the driver refuses a statement with an error of its own.
        """
        with _cleared(self._ending):
            yield

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with closing(writer):
            answers, questions = await asyncio.open_connection(*self._server)
            listens = asyncio.Event()
            both = (self._ask(reader, questions, listens), self._answer(answers, writer, listens))
            await asyncio.gather(*both, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listens: asyncio.Event) -> None:
        with closing(writer):
            while part := await reader.read(65536):
                if _LISTENS in part:
                    listens.set()
                writer.write(part)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listens: asyncio.Event) -> None:
        with closing(writer):
            while part := await reader.read(65536):
                if listens.is_set():
                    await self._flowing.wait()
                writer.write(part)
            self.ended.set()
            await self._ending.wait()


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the server of this URL, and the URL that leads through it."""
    parts = urlsplit(url)
    relay = Relay(str(parts.hostname), int(parts.port or 5432))
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield relay, parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
    finally:
        server.close()


@contextmanager
def _cleared(event: asyncio.Event) -> Iterator[None]:
    event.clear()
    try:
        yield
    finally:
        event.set()
