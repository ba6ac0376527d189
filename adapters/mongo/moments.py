"""Moments as MongoDB keeps them: what is answered now must be what is read later."""

from datetime import datetime


def to_the_millisecond(moment: datetime) -> datetime:
    """The moment without what MongoDB would drop."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
