"""Time zones by their names in the IANA list, as people and settings write them."""

from functools import lru_cache
from zoneinfo import available_timezones

from domain.errors import Invalid

_NO_PLACES = frozenset({"Factory", "localtime"})
"""What the list has beside places: the clock of whoever asks, and that of nobody."""


def timezone(name: str) -> str:
    """The name, if there is such a time zone; it is written as the list has it.

    Raises:
        Invalid: there is none, or it is another one on each machine.
    """
    if name not in _names():
        raise Invalid(f"{name[:60]!r} is no time zone of the IANA list")
    return name


@lru_cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES
