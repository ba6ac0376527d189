"""What was promised before a ``kill -9`` is kept after it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack.razorpay import Config, serving
from tests.devstack.razorpay.shop import eventually, open_shop

ROOT = Path(__file__).parents[3]
KEYS = ("rzp_test_restart", "secret")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(port: int, state: Path, shop_url: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    given = {
        "RZP_KEY_ID": KEYS[0],
        "RZP_KEY_SECRET": KEYS[1],
        "RZP_WEBHOOK_SECRET": "hook",
        "RZP_WEBHOOK_URLS": shop_url,
        "RZP_ACCOUNT_ID": "acc_Restart00000001",
        "SANDBOX_SEED": "restart",
        "RZP_STATE": str(state),
        **more,
    }
    command = [sys.executable, "-m", "devstack.razorpay", "--port", str(port)]
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given})
    try:
        eventually(lambda: healthy(port), within=60)
        yield child
    finally:
        child.kill()
        child.wait()


def healthy(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    return False


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    url = f"http://127.0.0.1:{port}{path}"
    answer = httpx.request(method, url, json=body, auth=KEYS, trust_env=False, timeout=10)
    answer.raise_for_status()
    return answer.json()


def test_a_killed_sandbox_keeps_its_state_and_goes_on_with_its_ladder(tmp_path: Path) -> None:
    port, shop_port = free_port(), free_port()
    shop_url = f"http://127.0.0.1:{shop_port}/webhooks"
    with process(port, tmp_path / "rzp.db", shop_url) as child:
        order = ask(port, "POST", "/v1/orders", {"amount": 194700, "currency": "INR", "receipt": "bk-1"})
        payment = ask(port, "POST", f"/sandbox/orders/{order['id']}/pay", {"capture": True})["payment"]
        refund = ask(port, "POST", f"/v1/payments/{payment['id']}/refund", {"amount": 500})
        ask(port, "PUT", "/sandbox/chaos", {"api": [{"match": "GET /v1/refunds", "http": {"status": 503}}]})
        before = ask(port, "GET", "/sandbox/state")
        events = ask(port, "GET", "/sandbox/events")
        child.send_signal(signal.SIGKILL)
        child.wait()
    with open_shop(shop_port) as shop, process(port, tmp_path / "rzp.db", shop_url):
        after = ask(port, "GET", "/sandbox/state")
        for kept in ("orders", "payments", "refunds", "endpoints", "chaos"):
            assert after[kept] == before[kept]
        assert ask(port, "GET", f"/v1/refunds/{refund['id']}") == refund
        assert len(ask(port, "GET", "/sandbox/requests")) == 3
        eventually(lambda: len(shop.received) == 5)
        delivered = {one.headers["X-Razorpay-Event-Id"]: one.body.decode() for one in shop.received}
        assert delivered == {event["id"]: event["body"] for event in events}
        fresh = ask(port, "POST", "/v1/orders", {"amount": 500, "currency": "INR"})
        assert fresh["id"] != order["id"]


def test_a_moved_clock_and_a_planned_expiry_survive(tmp_path: Path) -> None:
    config = Config(state=str(tmp_path / "rzp.db"))
    options = {"capture": "manual", "capture_options": {"manual_expiry_period": 12}}
    wanted = {"amount": 500, "currency": "INR", "payment": options}
    with serving(config) as sandbox:
        order = sandbox.http.post("/v1/orders", json=wanted, auth=(config.key_id, config.key_secret)).json()
        sandbox.pay(order["id"])
        sandbox.operate("POST", "clock/advance", seconds=600)
    with serving(config) as sandbox:
        assert sandbox.operate("GET", "state")["now"] - time.time() >= 599
        sandbox.operate("POST", "clock/advance", seconds=600)
        eventually(lambda: sandbox.operate("GET", "state")["payments"][0]["status"] == "refunded")


def test_the_same_seed_makes_the_same_ids_in_a_first_life_and_others_in_a_second(tmp_path: Path) -> None:
    def first_order(state: Path) -> str:
        config = Config(seed="same", state=str(state))
        with serving(config) as sandbox:
            keys = (config.key_id, config.key_secret)
            return sandbox.http.post("/v1/orders", json={"amount": 500, "currency": "INR"}, auth=keys).json()["id"]

    assert first_order(tmp_path / "a.db") == first_order(tmp_path / "b.db") != first_order(tmp_path / "a.db")


@pytest.mark.parametrize(("name", "value"), [("RZP_KEY_ID", "rzp_live_x"), ("SANDBOX_TIME_SCALE", "0")])
def test_a_configuration_that_cannot_be_meant_does_not_start(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"live|time"):
        Config.from_environment({name: value})
