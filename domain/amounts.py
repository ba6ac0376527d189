"""Amounts as people in India read them: 1,65,000.00 and "Rupees One Lakh Sixty-Five Thousand Only"."""

from domain.money import Paise

_BELOW_TWENTY = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen"
    " Eighteen Nineteen"
)
_SMALL = _BELOW_TWENTY.split()
_TENS = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_STEPS = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))


def grouped(amount: Paise) -> str:
    """Two decimals, the last three digits together and the rest in pairs: ``16500000`` -> ``"1,65,000.00"``."""
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    digits, rest = str(whole // 100), whole % 100
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return f"{sign}{','.join([*reversed(pairs), tail])}.{rest:02d}"


def in_words(amount: Paise) -> str:
    """The amount as a document spells it out, never negative."""
    whole, rest = divmod(amount, 100)
    paise = f" and {_spelled(rest)} Paise" if rest else ""
    return f"Rupees {_spelled(whole)}{paise} Only"


def _spelled(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        ones = f"-{_SMALL[number % 10]}" if number % 10 else ""
        return _TENS[number // 10] + ones
    value, name = next(step for step in _STEPS if number >= step[0])
    rest = f" {_spelled(number % value)}" if number % value else ""
    return f"{_spelled(number // value)} {name}{rest}"
