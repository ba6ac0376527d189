"""Every transaction that writes a booking locks rows in the documented order."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from adapters.postgres.database import counting
from adapters.postgres.lock_order import lock_order
from domain.kind import Json
from kinds.vehicle_service.domain.reservations import slot_of
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.contracts.shops import RealShop, new_booking, on

ORDER = lock_order(STORAGE)
TIMEZONE = "Asia/Kolkata"

_LOCKING = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)"
    r"|\bFROM\s+(\w+)(?=(?:(?!\bINSERT\b|\bDELETE\b)[\s\S])*?\bFOR\s+(?:NO\s+KEY\s+|KEY\s+)?(?:UPDATE|SHARE)\b)"
)


def locked_first(statements: Iterable[str]) -> list[str]:
    """The tables of the lock order whose rows the statements lock, each where that happens first."""
    tables = (first or second for text in statements for first, second in _LOCKING.findall(text))
    return list(dict.fromkeys(table for table in tables if table in ORDER))


def days(pickup, drop) -> dict[str, Json]:
    return {"pickup": slot_of(on(pickup), TIMEZONE), "drop": slot_of(on(drop), TIMEZONE)}


async def test_opening_moving_and_writing_a_booking_lock_in_the_lock_order(database, day):
    shop, told = RealShop(database), new_booking(day)
    with counting(database) as opening:
        await shop.store.open(told.booking, "open")
    with counting(database) as moving:
        await shop.store.reserve(told.booking.id, days(day + timedelta(days=1), day))
    newer = replace(told.booking, version=told.booking.version + 1)
    with counting(database) as writing:
        await shop.store.project(newer, "cancel", freed=["pickup", "drop"])
    assert locked_first(opening.sent) == list(ORDER)
    assert locked_first(moving.sent) == ["slot_reservations", "timeslots", "slot_usage"]
    assert locked_first(writing.sent) == ["slot_reservations", "timeslots", "slot_usage", "bookings"]


def test_locks_are_found_in_statements():
    sent = [
        "UPDATE bookings SET version = 2",
        "SELECT 1 FROM customer_cars WHERE id = 1 FOR KEY SHARE",
        "SELECT 1 FROM users",
    ]
    assert locked_first(sent) == ["bookings", "customer_cars"]
