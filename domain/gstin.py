"""The GST identification number: its shape and its check digit. A well formed one need not be registered."""

import re
import unicodedata

from domain.errors import Invalid

_SHAPE = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def gstin(text: str) -> str:
    """The number in capitals and without spaces.

    Raises:
        Invalid: it has another shape, or its last character does not fit the others (a slip of the pen).
    """
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:60])).upper()
    if not _SHAPE.fullmatch(number):
        raise Invalid(f"{text[:40]!r} is not a GSTIN: two digits of the state, ten of the PAN, three more")
    if check_character(number[:14]) != number[14]:
        raise Invalid(f"{number} is not a GSTIN: its last character does not fit the others")
    return number


def check_character(first_fourteen: str) -> str:
    """The fifteenth character: weights 1 and 2 in turn, digits of each product to base 36 added up, modulo 36."""
    total = 0
    for place, character in enumerate(first_fourteen):
        product = _DIGITS.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return _DIGITS[-total % 36]
