"""Copies of what can change; what cannot is shared.

Every command is decided on a copy of its booking, and most of a booking is made of parts that never change: a copy that
shares those takes a tenth of the time that ``copy.deepcopy`` takes.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, TypeVar

T = TypeVar("T")
_Copy = Callable[[Any], Any]
UNCHANGEABLE = frozenset({NoneType, bool, int, float, str, bytes, Decimal, date, datetime, timedelta})
"""Types whose values are shared; those of enums and of frozen dataclasses are, too."""


def copied(value: T) -> T:
    """The same to change: lists, dicts and dataclasses that are not frozen are new, as deep as they lie.

    A frozen dataclass is shared with all that it holds, which must not change either.
    """
    kind = type(value)
    result: T = (_COPIES.get(kind) or _copy_of(kind))(value)
    return result


def is_shared(kind: type) -> bool:
    """Whether a copy holds the very same value of this type."""
    if kind in UNCHANGEABLE or issubclass(kind, Enum):
        return True
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def _same(value: T) -> T:
    return value


def _list(values: list[Any]) -> list[Any]:
    return [copied(each) for each in values]


def _tuple(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([copied(each) for each in values])


def _dict(values: dict[Any, Any]) -> dict[Any, Any]:
    return {key: copied(each) for key, each in values.items()}


_COPIES: dict[type, _Copy] = {**dict.fromkeys(UNCHANGEABLE, _same), list: _list, tuple: _tuple, dict: _dict}
"""How values of a type are copied, for all types that were met."""


def _copy_of(kind: type) -> _Copy:
    found = _COPIES[kind] = _same if is_shared(kind) else _of_dataclass(kind) if is_dataclass(kind) else deepcopy
    return found


def _of_dataclass(kind: type) -> _Copy:
    names = [each.name for each in fields(kind)]
    copies = _COPIES

    def copy(value: Any) -> Any:
        new: Any = object.__new__(kind)
        for name in names:
            held = getattr(value, name)
            setattr(new, name, held if copies.get(type(held)) is _same else copied(held))
        return new

    return copy
