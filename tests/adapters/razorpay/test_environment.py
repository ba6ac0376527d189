"""What the adapter takes from where it runs: the proxy on the way to the provider, and the name of the SDK."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from typing import Any

import pytest

from adapters.razorpay import GatewayUnavailable
from devstack.razorpay import Served
from tests.adapters.razorpay.calls import gateway_to

PROVIDER = "http://provider.invalid"


class Proxy(ThreadingHTTPServer):
    """Answers itself what it is asked to pass on: an order without payments; remembers the addresses and who asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["User-Agent"]))
        order = {"id": "order_1", "amount": 100, "currency": "INR", "status": "created", "receipt": "1"}
        body = json.dumps({"items": []} if self.path.endswith("/payments") else order).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("http_proxy", server.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield server
        server.shutdown()


def test_the_provider_is_asked_through_the_proxy_of_the_environment(proxy: Proxy, sandbox: Served) -> None:
    gateway = gateway_to(sandbox, base_url=PROVIDER)
    assert gateway.fetch_order("order_1").order.order_id == "order_1"
    assert [path for path, _ in proxy.asked] == [
        f"{PROVIDER}/v1/orders/order_1",
        f"{PROVIDER}/v1/orders/order_1/payments",
    ]
    gateway.close()


def test_but_not_where_the_environment_makes_an_exception(
    proxy: Proxy, sandbox: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "provider.invalid")
    monkeypatch.setenv("no_proxy", "provider.invalid")
    gateway = gateway_to(sandbox, base_url=PROVIDER)
    with pytest.raises(GatewayUnavailable):  # nobody is called so
        gateway.fetch_order("order_1")
    assert proxy.asked == []
    gateway.close()


def test_each_call_says_which_sdk_asks_though_its_version_is_looked_up_once(
    proxy: Proxy, sandbox: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, looked_up = metadata.version("razorpay"), list[str]()

    def version(name: str) -> str:
        looked_up.append(name)
        return installed

    monkeypatch.setattr(metadata, "version", version)
    gateway = gateway_to(sandbox, base_url=PROVIDER)
    gateway.fetch_order("order_1")
    assert {who.strip() for _, who in proxy.asked} == {f"Razorpay-Python/{installed}"}
    assert looked_up == ["razorpay"]
    gateway.close()
