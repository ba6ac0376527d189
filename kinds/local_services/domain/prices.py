"""What a booking costs by its listing: in paise, GST included, as the requester pays it."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from domain.money import Paise
from kinds.local_services.domain.parts import PricingUnit

LOWEST, HIGHEST = 1_00, 1_000_000_00
"""Of a base price and of a total."""
_HOUR = 3600


def list_price(
    unit: str,
    base_price: Paise | None,
    duration: timedelta,
    min_hours: Decimal | None = None,
    options: Iterable[Paise] = (),
) -> Paise | None:
    """The price of that time with the chosen options, half a paisa rounded up; None where the provider must offer."""
    if unit == PricingUnit.QUOTE or base_price is None:
        return None
    together = sum(options)
    if unit == PricingUnit.FIXED:
        return base_price + together
    seconds = max(int(duration.total_seconds()), int((min_hours or Decimal(0)) * _HOUR))
    return (2 * base_price * seconds + _HOUR) // (2 * _HOUR) + together
