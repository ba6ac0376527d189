"""How the state of a booking is read from its row: made once for each kind."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from domain.kind import B


def reader_of(state: type[B]) -> TypeAdapter[B]:
    """What reads, and checks, states of this type."""
    key: Any = state  # mypy takes a type variable for nothing that can be hashed
    made: TypeAdapter[B] = _reader(key)
    return made


@cache
def _reader(state: Any) -> TypeAdapter[Any]:
    return TypeAdapter(state)
