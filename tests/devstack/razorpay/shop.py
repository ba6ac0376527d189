"""A shop's webhook endpoint that records what it was sent and answers as configured."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Delivery:
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def event(self) -> str:
        return self.json["event"]


@dataclass
class Shop:
    """``answers`` are used up one by one; then it says 200. A number is a status, a float an answer that late."""

    url: str = ""
    received: list[Delivery] = field(default_factory=list)
    answers: list[int | float] = field(default_factory=list)

    def events(self) -> list[str]:
        return [delivery.event for delivery in self.received]


def eventually(found: Callable[[], Any], within: float = 30.0) -> Any:
    """Ask until the answer is true; deliveries come when they come."""
    end = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return answer


@contextlib.contextmanager
def open_shop(port: int = 0) -> Iterator[Shop]:
    shop = Shop()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            shop.received.append(Delivery(dict(self.headers), body))
            answer = shop.answers.pop(0) if shop.answers else 200
            if isinstance(answer, float):
                time.sleep(answer)
            with contextlib.suppress(OSError):
                self.send_response(200 if isinstance(answer, float) else answer)
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Endpoint)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
