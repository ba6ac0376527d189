"""Money is a whole number of paise, from the price chart to the provider; rupees exist only as text.

Rates are ``Decimal`` percents. No float ever touches an amount.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from domain.errors import Invalid

Paise = int

_RUPEES = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def paise(text: str | int | float | Decimal) -> Paise:
    """Read rupees as a client writes them: ``"1650.00"``, ``1650``, ``1650.5``; at most two decimals, not negative.

    Raises:
        Invalid: for anything else, exponents, signs and third decimals included.
    """
    written = str(text).strip()
    if isinstance(text, bool) or not _RUPEES.fullmatch(written):
        raise Invalid(f"{written[:40]!r} is not an amount in rupees with at most two decimals")
    return int(Decimal(written) * 100)


def rupees(amount: Paise) -> str:
    """Write an amount as the API shows it: ``165000`` -> ``"1650.00"``."""
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def percent_of(amount: Paise, percent: Decimal) -> Paise:
    """That percent of an amount, half a paisa rounded up."""
    return int((amount * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_whole_rupee(amount: Paise) -> Paise:
    """What must be added to reach the nearest whole rupee, fifty paise going up: between -49 and 50."""
    rest = amount % 100
    return 100 - rest if rest >= 50 else -rest
