"""A test of a whole list fails for each of its entries, by name."""

import asyncio
from pathlib import Path

import pytest

from tests.of_every import of_every


@of_every("ab", "cd")
def test_each_combination_is_asked_once_with_the_fixtures_of_the_test(one: str, other: str, tmp_path: Path):
    (tmp_path / f"{one}{other}").mkdir()
    assert tmp_path.name.startswith("test_each_combination")


@of_every("ab")
async def test_what_has_to_be_awaited_is(one: str, tmp_path: Path):
    await asyncio.sleep(0)
    (tmp_path / one).mkdir()
    assert (tmp_path / "a").is_dir()


def test_the_failure_names_every_entry_that_falls_short_and_says_why():
    @of_every([1, (2, "two"), 3, 4])
    def few(entry: object):
        if entry == 4:
            raise KeyError("four")
        assert entry in (1, 3), "too many"

    with pytest.raises(AssertionError) as told:
        few()
    first, *lines = str(told.value).splitlines()
    assert first == "2 of 4"
    assert [line.partition(": ")[0] for line in lines if ": " in line] == ["2, two", "4"]
    assert "AssertionError: too many" in str(told.value)
    assert "KeyError: 'four'" in str(told.value)
    assert "too many" in str(told.value.__cause__)


async def test_so_does_that_of_a_test_that_is_awaited():
    @of_every("abc")
    async def only_b(one: str):
        await asyncio.sleep(0)
        assert one == "b"

    with pytest.raises(AssertionError, match=r"2 of 3\na: .*[^$]*\nc: "):
        await only_b()


def test_where_nothing_is_raised_the_entry_is_named_too():
    @of_every([1, 0, 2])
    def divides_by_none(number: int):
        with pytest.raises(ZeroDivisionError):
            1 / number

    with pytest.raises(AssertionError, match=r"1 of 3\n1: Failed: DID NOT RAISE"):
        divides_by_none()


def test_a_list_without_entries_is_refused():
    with pytest.raises(ValueError, match="nothing to ask"):
        of_every([], "ab")
