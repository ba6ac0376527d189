"""How connections are taken: all that wait in each turn of the loop, but few are begun with, in turns by address.

uvloop takes one in a turn, in the order in which they came: behind thousands of an attack, customers waited for many
seconds. To begin with all at once makes turns long, and whatever is begun already waits for them.
"""

import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
import uvicorn
from uvicorn.middleware.proxy_headers import _TrustedHosts

from api.http.places import network_of, trusted_proxies

HELD = 256
"""Connections that were taken and not begun with. Beyond that those of the address that has the most are hung up on."""
_TAKEN_IN_A_TURN, _BEGUN_IN_A_TURN = 64, 4
_PAUSE = 1.0
_NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_PROXY = ""

log = structlog.get_logger("api")


class Listener:
    """One listening socket; ``made`` makes what speaks with a client. Those of a proxy that is believed (``trusted``)
    are many people's: none is hung up on, they wait in the kernel."""

    def __init__(self, listening: socket.socket, made: Callable[[], asyncio.Protocol], trusted: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening, self._made, self._trusted = listening, made, _TrustedHosts(trusted)
        self._lines: dict[str, deque[socket.socket]] = {}
        """Those who are held, by address; the address whose turn it is comes first."""
        self._held = 0
        self._beginning: set[asyncio.Task[object]] = set()
        self._turn: asyncio.Handle | None = None
        self._loop.add_reader(listening, self._take)

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What is listened on."""
        return (self._listening,)

    def close(self) -> None:
        """Take nobody any more; those who are held are hung up on."""
        self._loop.remove_reader(self._listening)
        self._listening.close()
        for line in self._lines.values():
            for each in line:
                each.close()
        self._lines.clear()
        self._held = 0

    async def wait_closed(self) -> None:
        """There is nothing to wait for."""

    def _take(self) -> None:
        for _ in range(_TAKEN_IN_A_TURN):
            if self._held >= HELD and not self._made_room():
                break
            try:
                connection, (host, *_) = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                break
            except ConnectionAbortedError:
                continue
            except OSError as fault:
                self._rest(fault)
                break
            connection.setblocking(False)
            address = _PROXY if host in self._trusted else network_of(host)
            self._lines.setdefault(address, deque()).append(connection)
            self._held += 1
        if self._turn is None:
            self._begin()

    def _made_room(self) -> bool:
        """Hang up on who came last of the address of which most are held."""
        address = max(
            (each for each in self._lines if each != _PROXY), key=lambda each: len(self._lines[each]), default=""
        )
        if not address:
            return False
        line = self._lines[address]
        line.pop().close()
        self._held -= 1
        if not line:
            del self._lines[address]
        return True

    def _begin(self) -> None:
        begun = 0
        for _ in range(min(_TAKEN_IN_A_TURN, self._held)):
            address = next(iter(self._lines))
            line = self._lines.pop(address)
            connection = line.popleft()
            self._held -= 1
            if line:
                self._lines[address] = line
            if _is_over(connection):
                connection.close()
                continue
            task = self._loop.create_task(self._connect(connection))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)
            begun += 1
            if begun == _BEGUN_IN_A_TURN:
                break
        self._turn = self._loop.call_soon(self._go_on) if self._held else None

    def _go_on(self) -> None:
        self._turn = None
        self._begin()

    async def _connect(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._made, connection)
        except OSError:  # gone already
            connection.close()

    def _rest(self, fault: OSError) -> None:
        """There are no files, or there is no memory: trying again at once would take the processor as well."""
        if fault.errno not in _NO_MORE:
            raise fault
        log.warning("no connection can be taken", error=str(fault)[:200])
        self._loop.remove_reader(self._listening)
        self._loop.call_later(_PAUSE, self._listen_again)

    def _listen_again(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening, self._take)


def _is_over(connection: socket.socket) -> bool:
    """Whoever connected has hung up, and said nothing."""
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Server(uvicorn.Server):
    """uvicorn's, which takes connections by ``Listener``."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin as it does, and listen on the same sockets instead of its own listeners."""
        await super().startup(sockets)
        protocol: Any = self.config.http_protocol_class
        made = partial(
            protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        taken: list[Any] = []
        for server in self.servers:
            for each in server.sockets:
                again = socket.socket(fileno=os.dup(each.fileno()))
                again.setblocking(False)
                taken.append(Listener(again, made, trusted_proxies()))
            server.close()
        self.servers = taken
