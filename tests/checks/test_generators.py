import pytest

from checks import generators
from checks.files import REPOSITORY

HOLDS = """
async def rows(engine):
    async with engine.connect() as one:
        for row in await one.read():
            yield row
"""
OPENS = f"@asynccontextmanager{HOLDS}"
OPENS_TOO = f"@contextlib.asynccontextmanager{HOLDS}"
READS = """
async def rows(one):
    for row in await one.read():
        yield row
"""
WITHIN = """
async def rows(engine):
    async with engine.connect() as one:
        def each():
            yield 1
        await one.take(each())
"""
DEPENDENCY = f"{HOLDS}Rows = Annotated[object, Depends(rows)]\n"


def test_no_generator_here_holds_what_has_to_be_given_back():
    assert generators.problems(REPOSITORY) == []


def test_a_generator_that_holds_a_connection_while_it_is_read_is_found(plant):
    [problem] = generators.problems(plant("api/a.py", HOLDS))
    assert "api/a.py:3: rows yields within `async with`" in problem


@pytest.mark.parametrize(
    "code",
    [OPENS, OPENS_TOO, READS, WITHIN, DEPENDENCY],
    ids=["context manager", "by its module", "only reads", "function within", "dependency"],
)
def test_what_somebody_else_ends_may_hold_it(plant, code):
    assert generators.problems(plant("api/a.py", code)) == []
