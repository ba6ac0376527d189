"""``revcare books``: what an operator is told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import settings
from devstack.razorpay import Served
from operations.__main__ import run

Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(
    postgres: str, sandbox: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs ``revcare books`` with these words; answers its exit code and what it said."""
    for name, value in {
        "POSTGRESQL_URL": postgres,
        "REVCARE_ENVIRONMENT": "development",
        "RAZORPAY_KEY_ID": sandbox.config.key_id,
        "RAZORPAY_KEY_SECRET": sandbox.config.key_secret,
        "RAZORPAY_BASE_URL": sandbox.base_url,
    }.items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()

    async def told(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run, ["books", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    yield told
    settings.load.cache_clear()


async def test_a_month_without_anything_is_written_closed_written_again_and_reopened(command: Command, tmp_path: Path):
    asked = ("--month", "2026-06", "--out", str(tmp_path))
    code, said = await command(*asked)
    assert (code, said.splitlines()[0]) == (0, f"books of 2026-06: {tmp_path / 'books-2026-06'}")
    assert (tmp_path / "books-2026-06" / "summary.csv").is_file()
    code, said = await command("close", *asked, "--format", "xlsx")
    assert (code, "closed at " in said) == (0, True)
    assert (tmp_path / "books-2026-06.xlsx").is_file()
    assert (await command("close", *asked))[1].splitlines()[1:] == said.splitlines()[1:]
    code, said = await command("reopen", "--month", "2026-06")
    assert (code, said) == (2, "a month is reopened for a reason, which is kept\n")
    assert await command("reopen", "--month", "2026-06", "--reason", "a mistake") == (
        0,
        "the books of 2026-06 are open\n",
    )
    assert (await command("reopen", "--month", "2026-06", "--reason", "again"))[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--month", "june"), "'june' is no month: write it as 2026-11"),
        (("--month", "2026-06", "--kind", "boats"), "no kind boats is installed"),
        (("close", "--month", "2026-06", "--kind", "vehicle-service"), "--kind is for writing alone"),
        (("close", "--month", "2099-01", "--stored"), "2099-01 is not over yet"),
    ],
)
async def test_what_makes_no_sense_is_said_in_a_line(command: Command, tmp_path: Path, words, said: str):
    code, told = await command(*words, "--out", str(tmp_path))
    assert (code, told.count("\n"), said in told) == (2, 1, True)


async def test_a_provider_that_is_away_is_said_and_can_be_done_without(
    command: Command, sandbox: Served, tmp_path: Path
):
    sandbox.chaos(api=[{"match": "GET /v1/settlements*", "http": {"status": 502, "html": True}}])
    code, said = await command("--month", "2026-06", "--out", str(tmp_path))
    assert (code, "--stored makes the books without it" in said) == (2, True)
    assert (await command("--month", "2026-06", "--out", str(tmp_path), "--stored"))[0] == 0
    sandbox.chaos()
