"""Registration numbers of cars: read as people write them, kept in one form, so that they are equal however typed."""

import re
import unicodedata

from domain.errors import Invalid

LONGEST = 40
"""Characters that a plate may be typed with: twelve, and what stands between them."""

_PLATE = re.compile(r"[A-Za-z0-9]{4,12}")
_BETWEEN = re.compile("[-\u2010-\u2015\u2212 .]")


def plate(text: str) -> str:
    """The number in capitals, without dots, spaces and hyphens; full-width letters and digits count as such.

    Raises:
        Invalid: it has other characters, fewer than four or more than twelve.
    """
    written = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).strip()) if len(text) <= LONGEST else ""
    if not _PLATE.fullmatch(written):
        raise Invalid("a registration number has 4 to 12 letters and digits")
    return written.upper()
