"""Days on which the shop is closed or a mechanic away: what may be said about them."""

from datetime import date, time, timedelta

from domain.errors import Invalid

FURTHEST = timedelta(days=730)
"""How far ahead days off can be entered: holidays are known before their year can be booked."""


def must_be_days_ahead(first: date, last: date, today: date) -> None:
    """Days that are not over, in their order, and not further ahead than anybody plans.

    Raises:
        Invalid: they are not.
    """
    if last < first:
        raise Invalid(f"last_date {last} is before first_date {first}")
    if first < today:
        raise Invalid(f"{first} is in the past")
    if last > today + FURTHEST:
        raise Invalid(f"{last} is too far ahead; the last date that can be entered is {today + FURTHEST}")


def must_open_before_it_closes(opens: time | None, closes: time | None) -> None:
    """A part of a day that is not empty.

    Raises:
        Invalid: it is, or its end is midnight, which is that of the whole day.
    """
    if closes == time(0):
        raise Invalid("closes 00:00 is the end of the whole day; leave closes out")
    if opens is not None and closes is not None and opens >= closes:
        raise Invalid(f"opens {opens:%H:%M} is not before closes {closes:%H:%M}")
