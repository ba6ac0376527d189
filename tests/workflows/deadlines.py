"""Deadlines so near that a test can watch them come, and far enough for what has to happen before."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError

from tests.workflows.visit import Visit

TRIES = (1, 4, 16)
"""How many times as long as usual the windows of a booking are, one try after the other."""


async def in_time(prepared: Callable[[int], Awaitable[tuple[Visit, datetime]]]) -> Visit:
    """The visit that was ``prepared`` before the moment that is given with it.

    On a machine that stood still meanwhile the deadline came first, which may have been why something was refused: then
    the next one gets more time.
    """
    for times in TRIES:
        try:
            visit, deadline = await prepared(times)
        except ApplicationError:
            if times == TRIES[-1]:
                raise
            continue
        if datetime.now(UTC) < deadline:
            return visit
    pytest.fail("whatever the windows were, the deadline came first")
