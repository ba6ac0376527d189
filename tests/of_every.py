"""One test for a generated list: every entry is asked the same, and the failure names all that fall short.

A test costs ten times what a fast question of plain data costs: it is collected in each process and reported three
times. Cases that are read as the lines of a contract stay parametrised, and so does what takes its time.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import product
from typing import Any

import pytest

Ask = Callable[..., Any]
Wrong = list[tuple[str, BaseException]]
"""The names of entries that fall short, and why."""


def of_every(*lists: Iterable[Any]) -> Callable[[Ask], Ask]:
    """The test is asked of each entry, with several lists of each combination; they are its first arguments.

    What follows them are fixtures, made once for all entries. A list without entries is refused, since it shows
    nothing. What fails by pytest's own word (nothing raised where something had to be, a time-out) is the last one
    asked.
    """
    cases = list(product(*lists))
    if not cases:
        raise ValueError("there is nothing to ask")

    def one_test(ask: Ask) -> Ask:
        signature = inspect.signature(ask)
        fixtures = list(signature.parameters.values())[len(lists) :]

        @wraps(ask)
        def test(**given: Any) -> None:
            wrong: Wrong = []
            for case in _until_pytest_fails(cases, wrong):
                with _noted(case, wrong):
                    ask(*case, **given)
            _tell(wrong, len(cases))

        @wraps(ask)
        async def asynchronous_test(**given: Any) -> None:
            wrong: Wrong = []
            for case in _until_pytest_fails(cases, wrong):
                with _noted(case, wrong):
                    await ask(*case, **given)
            _tell(wrong, len(cases))

        made = asynchronous_test if inspect.iscoroutinefunction(ask) else test
        made.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return made

    return one_test


def _until_pytest_fails(cases: Iterable[tuple[Any, ...]], wrong: Wrong) -> Iterator[tuple[Any, ...]]:
    for case in cases:
        yield case
        if wrong and isinstance(wrong[-1][1], pytest.fail.Exception):
            return


@contextmanager
def _noted(case: Iterable[Any], wrong: Wrong) -> Iterator[None]:
    try:
        yield
    except (Exception, pytest.fail.Exception) as fault:
        wrong.append((_name(case), fault))


def _name(case: Iterable[Any]) -> str:
    """In one line, whatever is in it."""
    parts = [part for each in case for part in (each if isinstance(each, tuple) else (each,))]
    return ", ".join(str(part).partition("\n")[0][:150] for part in parts)


def _tell(wrong: Wrong, asked: int) -> None:
    """Each by its name; the first with its traceback."""
    if wrong:
        lines = [f"{name}: {type(fault).__name__}: {fault}" for name, fault in wrong]
        raise AssertionError("\n".join([f"{len(wrong)} of {asked}", *lines])) from wrong[0][1]
