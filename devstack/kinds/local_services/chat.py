"""Somebody who chats over a WebSocket, and comes back by the last event they have seen whenever it breaks."""

import json
import threading
import time
import uuid
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from devstack.demo.calls import Json
from devstack.demo.person import API, Person

_PAUSE, _LISTEN = 0.25, 0.5


class Speaker:
    """A client as an app would be: what was not acknowledged is said again, under the same ``client_id``."""

    def __init__(self, url: str, person: Person) -> None:
        self.person = person
        self.events: list[Json] = []
        self.since: int | None = None
        """The event after which it listens; None until it is connected."""
        self.breaks = 0
        self._url = f"{url.replace('http', 'ws', 1)}{API}/messages/ws"
        self._unacknowledged: dict[str, Json] = {}
        self._socket: ClientConnection | None = None
        self._one_sender, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"chat of {person.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)

    def says(self, thread_id: int, content: str) -> None:
        """Send it now, or as soon as there is a connection again."""
        name = uuid.uuid4().hex
        frame = {"type": "send", "thread_id": thread_id, "content": content, "client_id": name}
        with self._one_sender:
            self._unacknowledged[name] = frame
            if self._socket is not None:
                try:
                    self._socket.send(json.dumps(frame))
                except (OSError, WebSocketException):
                    self._socket = None  # the listening thread finds it broken as well, and says it again

    def said(self, thread_id: int) -> list[str]:
        """What the two have written, as this one has been told."""
        told = [event["data"] for event in list(self.events) if event["type"] == "message"]
        return [each["content"] for each in told if each["thread_id"] == thread_id and each["message_type"] == "TEXT"]

    def _live(self) -> None:
        while not self._over.is_set():
            try:
                self._listen()
            except (OSError, WebSocketException):
                self.breaks += self.since is not None and self._socket is not None
                self._socket = None
                time.sleep(_PAUSE)

    def _listen(self) -> None:
        with connect(self._url, additional_headers=self.person.login(), proxy=None, close_timeout=1) as socket:
            ready = json.loads(socket.recv(timeout=10))
            if self.since is None:
                self.since = int(ready["last_id"])
            last = self.events[-1]["id"] if self.events else self.since
            with self._one_sender:
                socket.send(json.dumps({"type": "resume", "last_id": last}))
                for frame in self._unacknowledged.values():
                    socket.send(json.dumps(frame))
                self._socket = socket
            while not self._over.is_set():
                try:
                    self._hear(json.loads(socket.recv(timeout=_LISTEN)))
                except TimeoutError:
                    continue

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "ack":
            with self._one_sender:
                self._unacknowledged.pop(frame["client_id"], None)
        elif "id" in frame:
            self.events.append(frame)
