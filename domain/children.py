"""Ids of what belongs to a booking: a payment, a refund, a report. Rows of them are keyed (booking, number)."""

CHILDREN_PER_BOOKING = 1000
"""The id on the wire is ``booking id * 1000 + number``, so a booking has at most 999 children."""


class Numbered:
    """Something that belongs to a booking; its class has the ``id``."""

    __slots__ = ()

    id: int

    @property
    def number(self) -> int:
        """Which one of its booking it is: 1, 2, 3 ..."""
        return self.id % CHILDREN_PER_BOOKING


def child_id(booking_id: int, number: int) -> int:
    """The id on the wire."""
    return booking_id * CHILDREN_PER_BOOKING + number


def booking_of(child_id: int) -> int:
    """The booking that a report's, payment's or refund's id belongs to."""
    return child_id // CHILDREN_PER_BOOKING
