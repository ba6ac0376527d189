"""An operator of the shared stack's shop: what `revcare` says to them."""

import asyncio
from dataclasses import dataclass

import pytest

import settings
from operations.__main__ import run
from tests.said import said


@dataclass(frozen=True)
class Operator:
    """Runs a command of ``revcare`` with the environment of a stack; answers its exit code and what it said."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    async def run(self, *words: str, **env: str) -> tuple[int, list[str]]:
        with self.monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            settings.load.cache_clear()
            self.capsys.readouterr()
            code = await asyncio.to_thread(run, words)
        settings.load.cache_clear()
        return code, [line for told in said(self.capsys) for line in told.splitlines()]

    async def faults(self, **env: str) -> dict[str, str]:
        """What `revcare check --ready` finds, by the part."""
        code, lines = await self.run("check", "--ready", **env)
        found: dict[str, str] = {}
        for part, fault in (line.removeprefix("no  ").split(": ", 1) for line in lines if line.startswith("no  ")):
            found[part] = f"{found[part]}; {fault}" if part in found else fault
        assert code == (1 if found else 0)
        assert [line for line in lines if not line.startswith(("ok  ", "no  "))] == []
        return found
