"""Bounds of listings, what does not go together in one, and their refusals."""

from decimal import Decimal

from domain.errors import Conflict
from domain.money import Paise
from kinds.local_services.domain.parts import PricingUnit

MOST_LISTINGS, MOST_MEDIA, MOST_OPTIONS = 50, 10, 10
"""Of one provider; pictures and options of one listing."""


class TooManyListings(Conflict):
    """A provider has at most 50 listings"""


class TooManyMedia(Conflict):
    """A listing has at most 10 pictures"""


def pricing_fault(unit: str, base_price: Paise | None, min_hours: Decimal | float | None) -> str | None:
    """Why a listing cannot be priced like that; None: it can."""
    if unit == PricingUnit.QUOTE and base_price is not None:
        return "base_price: a QUOTE has none, the provider makes an offer for each request"
    if unit != PricingUnit.QUOTE and base_price is None:
        return f"base_price: it is needed for {unit}"
    if unit != PricingUnit.HOUR and min_hours is not None:
        return "min_hours: only a price by the hour has a least time"
    return None
