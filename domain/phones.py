"""Indian mobile numbers: read as people write them, kept in one form, so that they are equal however typed."""

import re
import unicodedata

from domain.errors import Invalid

LONGEST = 40
"""Characters that a phone may be typed with: thirteen, and what stands between them."""

_DASHES = "-\u2010-\u2015\u2212"
_BETWEEN = re.compile(rf"(?<=[0-9])[{_DASHES} .()]+(?=[0-9])")
_IN_BRACKETS = re.compile(rf"\((\+?[0-9][{_DASHES}0-9 .]*)\)")
_NUMBER = re.compile(r"(?:\+91|0091|91|0)?([6-9][0-9]{9})")
_PART = re.compile(rf"[{_DASHES}0-9 .()+]+")
_SHORTEST_PART = 4
_SENTENCE = (
    "a phone is an Indian mobile number: ten digits, the first 6 to 9, with +91, 0091, 91 or 0 before them or nothing"
)


def phone(text: str) -> str:
    """The number as it is kept: ``"+91"`` and ten digits.

    Full-width digits count as digits. Spaces, dots, brackets and hyphens between digits are left out, and so are
    brackets around digits: ``"(+91) 98413-85379"``. Whatever else stands there makes it no phone: letters, an
    extension, a hyphen in front, another country.

    Raises:
        Invalid: it is no Indian mobile number.
    """
    number = _NUMBER.fullmatch(_joined(text)) if len(text) <= LONGEST else None
    if number is None:
        hidden = next((character for character in text if unicodedata.category(character) == "Cf"), None)
        where = f"; the invisible character U+{ord(hidden):04X} is in this one: type it instead" if hidden else ""
        raise Invalid(_SENTENCE + where)
    return f"+91{number[1]}"


def phone_part(text: str) -> str:
    """What to look for in kept phones when somebody searches for this: a number as it is kept, a part of one as its
    digits, any other text as it is."""
    try:
        return phone(text)
    except Invalid:
        written = unicodedata.normalize("NFKC", text[:LONGEST]).strip()
        digits = re.sub(r"[^0-9+]", "", written)
        part = len(text) <= LONGEST and len(digits) >= _SHORTEST_PART and _PART.fullmatch(written)
        return digits if part else text


def _joined(text: str) -> str:
    written = unicodedata.normalize("NFKC", text).strip()
    return _BETWEEN.sub("", _IN_BRACKETS.sub(r"\1", written))
