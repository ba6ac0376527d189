"""The lock order: in which order a transaction that writes a booking locks rows, so that no two of them deadlock.

1. The owners: the customer's row, then what a new booking belongs to (``KindStorage.lock_owners``).
2. The booking's own reservations, then the contended rows in which these count (``reserve``, ``release``). Rows of one
   table are locked in the order of their key; what is given up and what is wanted instead are locked together.
3. The booking; its other rows are written by whoever has that lock (``Projection.write``).

A transaction leaves out steps that it does not need and never goes back: one that wrote a booking reserves nothing.
``docs/lock-order.md`` has every transaction that locks a row, ``tests/adapters/contracts/test_lock_order.py`` compares
the statements with this order.
"""

from typing import Any

from adapters.postgres.kind import KindStorage

_BOOKING = "bookings"


def lock_order(storage: KindStorage[Any]) -> tuple[str, ...]:
    """The tables whose rows are locked when a booking of this kind is written, the first one first."""
    return (*storage.locks, _BOOKING)
