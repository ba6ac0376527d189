"""Which characters a printed document shows as they are: those that the fonts beside this file have, in both weights.

Everything else is written in Latin letters: a name in Tamil or Bengali stays readable instead of being empty boxes,
which the archival format forbids.
"""

import unicodedata
from functools import lru_cache

from anyascii import anyascii

_DRAWN = (
    *range(0x20, 0x3E2),  # Latin with its accents, Greek
    *range(0x3F0, 0x530),  # Cyrillic
    *range(0x900, 0x980),  # Devanagari
    *range(0x1E00, 0x1F00),
    *range(0x2010, 0x2028),
    *range(0x2030, 0x205F),
    *range(0x20A0, 0x20C0),
)
_JOINERS = "\u200c\u200d"
_AS_THEY_ARE = frozenset([*(chr(code) for code in _DRAWN if chr(code).isprintable()), *_JOINERS])
_SILENT = frozenset({"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"})
"""Categories of what has no sound: emoji, controls, marks of direction."""


def printable(text: str) -> str:
    """The text on one line, in characters that the fonts have."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    return "".join(_shown(character) for character in spaced)


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    if character in _AS_THEY_ARE:
        return character
    if unicodedata.category(character) in _SILENT:
        return ""
    return str(anyascii(character)) or ("" if unicodedata.category(character).startswith("M") else "?")
