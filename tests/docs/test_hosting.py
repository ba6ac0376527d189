"""Somebody follows docs/hosting.md from a clone to the first booking of their own shop, in production mode."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from operations.__main__ import GROUPS
from tests.devstack.compose import hosting
from tests.docs.hosting_page import PAGE, REPOSITORY, Shell, blocks, shell, step

COMPOSE = hosting()


def test_every_command_of_the_page_is_one():
    asked = {word for block in blocks("sh") for word in re.findall(r"^\s*(?:nohup )?revcare ([a-z-]+)", block, re.M)}
    assert {"settings", "migrate", "bootstrap", "add-admin", "import-all", "first-steps", "check"} <= asked
    assert asked - {verb for verbs in GROUPS.values() for verb in verbs} == set()


@pytest.mark.parametrize("language", ["sh", "console"])
def test_what_is_to_be_typed_is_something_that_a_shell_reads(language):
    for block in blocks(language):
        written = block.replace("<address of the repository>", "address")
        subprocess.run(["bash", "-n"], input=written, text=True, check=True)


def test_services_and_profiles_that_the_page_names_are_there():
    said = " ".join(PAGE.read_text().split())
    named = set(re.findall(r"docker compose (?:run --rm|exec -T) ([a-z-]+)", said))
    named |= set(re.findall(r"\b(temporal-ui-[a-z]+)\b", said))
    assert {"operator", "database-roles", "temporal-ui-writes"} <= named
    assert named - COMPOSE["services"].keys() == set()
    assert set(re.findall(r"--profile (\w+)", said)) == {"writes"}


def test_the_proxies_of_the_page_reach_the_port_and_are_those_that_are_believed():
    [port] = COMPOSE["services"]["api"]["ports"]
    [network] = COMPOSE["networks"]["default"]["ipam"]["config"]
    text = PAGE.read_text()
    assert port == "127.0.0.1:${API_PORT:-8000}:8000"
    [caddy], [nginx] = blocks("caddy"), blocks("nginx")
    assert "reverse_proxy 127.0.0.1:8000" in caddy
    assert "proxy_pass http://127.0.0.1:8000" in nginx
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert f"`{network['gateway']}`" in text


@pytest.fixture
def port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def operator(tmp_path: Path, port: str) -> Iterator[Shell]:
    """A shell of their own; whatever they leave running is ended."""
    shop = tmp_path / "shop"
    try:
        with shell(tmp_path, {"8000": port}) as opened:
            yield opened
    finally:
        if (pids := shop / "pids").exists():
            for pid in pids.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
        down = [sys.executable, "-m", "devstack", "--root", str(shop), "down"]
        subprocess.run(down, cwd=REPOSITORY, check=False, capture_output=True)


@pytest.mark.long
@pytest.mark.timeout(900)  # three minutes, and more where others work too
def test_a_new_operator_comes_from_a_clone_to_the_first_booking(operator: Shell, tmp_path: Path, port: str):
    api = f"http://127.0.0.1:{port}"
    servers, settings, processes, admin, catalogue, gst, missing, booking = (
        step(title) for title in re.findall(r"^## (\d\. .+)$", PAGE.read_text(), re.MULTILINE)
    )
    for block in servers:
        operator.run(block)

    own, show = settings
    operator.run(own)
    told = operator.run(show)
    kept = dict(re.findall(r"^(\w+)=(\S+)$", (tmp_path / "shop/.env").read_text(), re.MULTILINE))
    assert "nothing is wrong" in told
    assert [name for name in ("SECRET_KEY", "RAZORPAY_KEY_SECRET") if kept[name] in told] == []

    for block in processes:
        operator.run(block)
    ready = httpx.get(f"{api}/health/ready").json()
    assert (ready["rehearsal"], {"postgresql", "mongodb", "temporal"} - set(ready["parts"])) == (True, set())
    assert "in production" in operator.run("REVCARE_REHEARSAL= revcare api 2>&1 || true")

    [add] = admin
    link = re.search(rf"{api}/password#token=(\S+)", operator.run(add))
    assert link
    code = in_the_browser(f"{api}/api/v1", link[1])

    for block in catalogue:
        operator.run(block)
    for block in gst:
        operator.run(block, **{"000000": code})
    [look] = missing
    assert "nothing is missing" in operator.run(look)
    assert {path.stem for path in (tmp_path / "shop").glob("*.alive")} == {"workflows", "activities", "api"}

    first, end = booking
    made = last_json(operator.run(first))
    assert (made["status"], made["services"][0]["title"]) == ("booked", "Brake pads, front")
    mailbox = json.loads((tmp_path / "shop/.stack/stack.json").read_text())["mail"]["api"]
    until = time.monotonic() + 60
    while not (mails := httpx.get(f"{mailbox}/messages", params={"to": "asha@example.com"}).json()):
        assert time.monotonic() < until, "no mail has come"
        time.sleep(0.1)
    assert mails[0]["subject"].startswith("[Rehearsal]")
    operator.run(end)


def in_the_browser(api: str, token: str) -> str:
    """The new admin chooses a password and sets up the second factor, as the pages do; answers a code for once."""
    password = "the password that you have chosen"
    with httpx.Client(base_url=api) as client:
        client.post("/auth/password/reset/confirm", json={"token": token, "new_password": password}).raise_for_status()
        login = client.post("/auth/login", data={"username": "9000020300", "password": password}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        secret = client.post("/auth/second-factor", json={"current_password": password}).raise_for_status()
        shown = pyotp.TOTP(secret.json()["secret"]).at(datetime.now(UTC))
        codes = client.post("/auth/second-factor/confirm", json={"code": shown}).raise_for_status()
    return str(codes.json()["recovery_codes"][0])


def last_json(said: str) -> Any:
    """The last of the answers that a block printed one behind the other."""
    left, answer = said[said.index("{") :].strip(), None
    while left:
        answer, end = json.JSONDecoder().raw_decode(left)
        left = left[end:].strip()
    return answer
