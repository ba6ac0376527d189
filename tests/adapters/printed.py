"""Reading a printed document back as its reader would: by the letters that its fonts name, in the order of drawing."""

import io
import re
from typing import Any

from pypdf import PdfReader

_DRAWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_NAMED = re.compile(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", re.MULTILINE)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, pieces joined by a bar."""
    return ["|".join(pieces) for pieces in pages_in_pieces(pdf)]


def pages_in_pieces(pdf: bytes) -> list[list[str]]:
    """The pieces of text of each page. Some lines of our own, because a general reader takes as long as the printer."""
    alphabets: dict[int, dict[int, str]] = {}
    return [_pieces(page, alphabets) for page in PdfReader(io.BytesIO(pdf)).pages]


def as_a_reader_copies_it(pdf: bytes) -> str:
    """The whole text as a PDF reader gives it to the clipboard."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def _pieces(page: Any, alphabets: dict[int, dict[int, str]]) -> list[str]:
    fonts = page["/Resources"]["/Font"]
    alphabet: dict[int, str] = {}
    found = []
    for font, drawn in _DRAWN.findall(page.get_contents().get_data()):
        if font:
            kept = fonts.raw_get("/" + font.decode()).idnum
            alphabet = alphabets.get(kept) or alphabets.setdefault(kept, _alphabet(fonts["/" + font.decode()]))
        else:
            codes = re.sub(rb"\\(.)", lambda escaped: {b"r": b"\r", b"n": b"\n"}.get(escaped[1], escaped[1]), drawn)
            found.append("".join(alphabet[high << 8 | low] for high, low in zip(codes[::2], codes[1::2], strict=True)))
    return found


def _alphabet(font: Any) -> dict[int, str]:
    named = _NAMED.findall(font["/ToUnicode"].get_object().get_data())
    return {int(code, 16): bytes.fromhex(characters.decode()).decode("utf-16-be") for code, characters in named}
