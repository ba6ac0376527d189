"""A stack of the four bare servers: restarted when killed, gone when stopped, its data there again."""

import asyncio
import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from pymongo import MongoClient

from devstack.child import MARK
from devstack.errors import AlreadyRunning, PartFailed
from devstack.stack import Stack
from devstack.stack_folder import StackFolder

SERVERS = {"postgres", "mongodb", "temporal", "mail"}


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), SERVERS, say=said.append, discard=True)
    with stack:
        yield stack


def on_disk(stack: Stack) -> dict:
    return json.loads(stack.folder.stack_file.read_text())


def marked(root: Path) -> list[int]:
    """Every process that carries the mark of this stack, whoever started it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(root):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


async def fetch(stack: Stack, query: str) -> object:
    connection = await asyncpg.connect(stack.info["postgres"], ssl=False)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def test_the_note_of_what_runs_is_for_its_owner_only_and_names_every_process(stack: Stack) -> None:
    assert stat.S_IMODE(stack.folder.stack_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(stack.folder.path.stat().st_mode) == 0o700
    noted = on_disk(stack)
    assert set(noted["processes"]) == SERVERS
    assert all(psutil.pid_exists(pid) for pid in noted["processes"].values())
    assert noted["temporal"].startswith("127.0.0.1:")
    assert len(noted["auth"]["secret_key"]) >= 32


def test_everything_listens_on_loopback_alone(stack: Stack) -> None:
    for pid in stack.info["processes"].values():
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
            assert all(connection.laddr.ip in {"127.0.0.1", "::1"} for connection in listening)


@pytest.mark.parametrize("name", sorted(SERVERS))
async def test_a_killed_part_is_back_at_the_same_place_as_another_process(
    stack: Stack, said: list[str], name: str
) -> None:
    before = {key: value for key, value in on_disk(stack).items() if key != "processes"}
    old = stack.kill(name, signal.SIGKILL)
    new = await asyncio.to_thread(stack.wait_ready, name, instead_of=old, timeout=10.0)
    noted = on_disk(stack)
    assert noted.pop("processes")[name] == new != old
    assert noted == before
    assert [line for line in said if line.startswith(f"{name} (process {old}) was killed by SIGKILL")]


async def test_a_halted_part_stays_down_until_it_is_revived(stack: Stack) -> None:
    await asyncio.to_thread(stack.halt, "mongodb")
    with pytest.raises(PartFailed):
        await asyncio.to_thread(stack.wait_ready, "mongodb", timeout=0.4)
    await asyncio.to_thread(stack.revive, "mongodb")
    with MongoClient(stack.info["mongodb"]) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_a_second_stack_in_the_same_folder_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning, match="already running"):
        Stack(stack.folder.root, {"mail"}).start()
    assert stack.folder.stack_file.exists()


async def test_stopping_leaves_no_process_and_starting_again_finds_the_data(tmp_path: Path) -> None:
    """Also where nobody but its owner may enter the checkout, which stays so."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    root = closed / "checkout"
    stack = Stack(root, {"postgres", "mongodb"})
    await asyncio.to_thread(stack.start)
    assert await fetch(stack, "SHOW fsync") == "on"
    await fetch(stack, "CREATE TABLE kept AS SELECT 42 AS answer")
    with MongoClient(stack.info["mongodb"]) as client:
        client.revcare.kept.insert_one({"answer": 42})
    family = [psutil.Process(pid) for pid in stack.info["processes"].values()]
    family += [child for process in family for child in process.children(recursive=True)]
    await asyncio.to_thread(stack.stop)

    assert not any(process.is_running() for process in family)
    assert marked(root) == []
    assert not stack.folder.stack_file.exists()

    again = Stack(root, {"postgres", "mongodb"}, discard=True)
    await asyncio.to_thread(again.start)
    try:
        assert await fetch(again, "SHOW fsync") == "off"  # whose data nobody keeps
        assert await fetch(again, "SELECT answer FROM kept") == 42
        with MongoClient(again.info["mongodb"]) as client:
            assert client.revcare.kept.find_one({}, {"_id": 0}) == {"answer": 42}
        assert again.info["auth"] == stack.info["auth"]
    finally:
        await asyncio.to_thread(again.stop)
    assert not (root / ".stack").exists()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


async def test_a_part_that_cannot_start_says_why_and_nothing_keeps_running(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {"mongodb", "migrate"}, {"POSTGRESQL_URL": "postgresql://127.0.0.1:1/none"}, discard=True)
    with pytest.raises(PartFailed, match=r"migrate ended with code \d+"):
        await asyncio.to_thread(stack.start)
    assert marked(tmp_path) == []


async def test_a_database_that_was_deleted_takes_the_rest_of_the_data_along(tmp_path: Path, said: list[str]) -> None:
    """Bookings that live on in Temporal without their rows could not go on."""
    folder = StackFolder(tmp_path)
    folder.create()
    remembered = folder.data("temporal") / "temporal.db"
    remembered.write_text("bookings")

    again = Stack(tmp_path, {"postgres"}, say=said.append, discard=True)
    await asyncio.to_thread(again.start)
    try:
        assert not remembered.exists()
        assert [line for line in said if "starting with new data" in line]
    finally:
        await asyncio.to_thread(again.stop)
