"""A copy shares what cannot change, and only that."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from domain.copies import copied, is_shared
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every


def parts_of(kind: Any) -> Iterator[Any]:
    """The types that a type is put together of, one level down."""
    if get_origin(kind) is not None:
        yield from (each for each in get_args(kind) if each is not Ellipsis)
    elif is_dataclass(kind):
        hints = get_type_hints(kind)
        yield from (hints[each.name] for each in fields(kind))


def reachable(*kinds: Any) -> set[Any]:
    """These types and all that lie below them."""
    found, left = set[Any](), list(kinds)
    while left:
        if (kind := left.pop()) not in found:
            found.add(kind)
            left += parts_of(kind)
    return found


def can_change(kind: Any) -> bool:
    """Whether a value of this type can be changed where it is."""
    if (origin := get_origin(kind)) is None:
        return not is_shared(kind)
    return origin not in (Union, UnionType, tuple)


@pytest.mark.parametrize("booking", [VisitBooking, TableBooking])
def test_what_is_shared_holds_nothing_that_can_change(booking):
    shared = [each for each in reachable(booking) if get_origin(each) is None and is_shared(each)]
    assert len([each for each in shared if is_dataclass(each)]) >= 4
    assert [(each, part) for each in shared for part in reachable(each) if can_change(part)] == []


@of_every(SITUATIONS)
def test_a_copy_says_the_same_and_no_change_of_it_reaches_the_booking(situation):
    booking = SITUATIONS[situation]().booking
    before, copy = deepcopy(booking), copied(booking)
    assert copy == booking
    assert changeable(copy).isdisjoint(changeable(booking))
    assert booking == before


def changeable(value: Any) -> set[int]:
    """Which lists, dicts and dataclasses it holds that could be changed; each by the place where it lies."""
    if isinstance(value, list | tuple | dict):
        held = [*value.values()] if isinstance(value, dict) else [*value]
        own = set() if isinstance(value, tuple) else {id(value)}
    elif is_dataclass(value):
        held = [getattr(value, each.name) for each in fields(value)]
        own = set() if is_shared(type(value)) else {id(value)}
    else:
        return set()
    return own.union(*map(changeable, held))


class Odd:
    """Of no type that is known."""

    def __init__(self) -> None:
        self.seen = [1]


@dataclass
class Holder:
    """Something that can be changed."""

    odd: Odd
    pairs: tuple[list[int], ...] = ([1], [2])


def test_what_is_of_an_unknown_type_is_copied_as_a_whole():
    holder = Holder(Odd())
    copy = copied(holder)
    copy.odd.seen.append(2)
    copy.pairs[0].append(3)
    assert (holder.odd.seen, holder.pairs) == ([1], ([1], [2]))
