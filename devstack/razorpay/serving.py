"""A sandbox for the length of a ``with``: a real server on a free loopback port, in a thread of this process."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from devstack.razorpay.app import create_app
from devstack.razorpay.config import Config


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, its keys, and the operator's calls."""

    base_url: str
    config: Config
    http: httpx.Client

    def operate(self, method: str, path: str, /, **body: Any) -> Any:
        """``operate("POST", "orders/<id>/pay", outcome="failed")``: one operator call, its JSON answer."""
        answer = self.http.request(method, f"/sandbox/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json()

    def pay(self, order_id: str, /, **wish: Any) -> Any:
        """A customer pays; by default with success."""
        return self.operate("POST", f"orders/{order_id}/pay", **wish)

    def chaos(self, *, webhooks: list[dict[str, Any]] | None = None, api: list[dict[str, Any]] | None = None) -> None:
        """Put these rules in place of all others."""
        self.operate("PUT", "chaos", webhooks=webhooks or [], api=api or [])

    def events(self) -> list[dict[str, Any]]:
        """Everything announced so far."""
        return list(self.operate("GET", "events"))

    def requests(self) -> list[dict[str, Any]]:
        """Every call of the REST API so far."""
        return list(self.operate("GET", "requests"))


@contextlib.contextmanager
def serving(config: Config | None = None, *, port: int = 0) -> Iterator[Served]:
    """Serve until the block ends; ``port`` fixes the port, for a restart at the same address."""
    chosen = config or Config()
    # The protocol is named because asyncio leaves Nagle's algorithm on for sockets that do not say they are TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(chosen),
                access_log=False,
                log_level="warning",
                ws="none",
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="razorpay-sandbox")
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the sandbox did not start")
                time.sleep(0.005)
            base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=base_url, timeout=30, trust_env=False) as client:
                yield Served(base_url, chosen, client)
        finally:
            server.should_exit = True
            thread.join()
