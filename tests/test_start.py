"""While a process starts no garbage is looked for in what it loads; while it serves, what it leaves is collected."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

import worker
from api.main import run as run_api
from settings import Settings
from workers.queues import WorkerRole


@pytest.fixture
def starting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As it is in a process that has imported what it runs; for the tests after this one as before."""
    gc.unfreeze()
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def serves(*_: Any) -> bool:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
    return True


def test_an_api_that_serves_collects_garbage_but_not_in_what_it_has_loaded(starting, monkeypatch):
    def ended(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(uvicorn.Server, "run", serves)
    monkeypatch.setattr(os, "_exit", ended)
    monkeypatch.setattr("sys.argv", ["api.main"])
    monkeypatch.setenv("REVCARE_ENVIRONMENT", "development")
    monkeypatch.setattr("api.main.configure_logging", lambda settings: None)
    with pytest.raises(SystemExit):
        run_api()


async def test_a_worker_that_polls_collects_garbage_but_not_in_what_it_has_loaded(starting, monkeypatch):
    class Nothing:
        temporal = None

        async def close(self) -> None:
            pass

    @asynccontextmanager
    async def nowhere(*_: Any, **__: Any) -> AsyncIterator[Nothing]:
        yield Nothing()

    async def registered(_: None) -> list[str]:
        return []

    async def polls(*_: Any) -> bool:
        return serves()

    for name in ("open_resources", "watched_parts"):
        monkeypatch.setattr(worker, name, nowhere)
    for name, stand_in in (("register_search_attributes", registered), ("serve", polls)):
        monkeypatch.setattr(worker, name, stand_in)
    for name in ("build_activities", "build_workers", "mail_sender"):
        monkeypatch.setattr(worker, name, lambda *_: Nothing())
    try:
        assert await worker.run(Settings(), WorkerRole.WORKFLOWS, [])
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
