"""Reading a printed document back as its reader would: by the letters that its fonts name, in the order of drawing."""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

_NAMED = re.compile(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", re.MULTILINE)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, pieces joined by a bar."""
    return ["|".join(pieces) for pieces in pages_in_pieces(pdf)]


def pages_in_pieces(pdf: bytes) -> list[list[str]]:
    """What is drawn in one go, for each page. Where letters join, the document says what they stand for; a general
    reader leaves that out, and takes longer than the printer."""
    alphabets: dict[int, Mapping[int, str]] = {}
    return [list(_pieces(page, alphabets)) for page in PdfReader(io.BytesIO(pdf)).pages]


def as_a_reader_copies_it(pdf: bytes) -> str:
    """The whole text as a PDF reader gives it to the clipboard."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def _pieces(page: Any, alphabets: dict[int, Mapping[int, str]]) -> Iterator[str]:
    fonts = page["/Resources"]["/Font"]
    alphabet: Mapping[int, str] = {}
    piece, instead = "", None
    for operands, operator in ContentStream(page.get_contents(), None).operations:
        match operator:
            case b"Tf":
                kept = fonts.raw_get(operands[0]).idnum
                alphabet = alphabets.get(kept) or alphabets.setdefault(kept, _alphabet(fonts[operands[0]]))
            case b"BDC" if "/ActualText" in operands[1]:
                instead = str(operands[1]["/ActualText"])
            case b"Tj" | b"TJ" if instead is None:
                drawn = operands if operator == b"Tj" else operands[0]
                codes = b"".join(part.original_bytes for part in drawn if hasattr(part, "original_bytes"))
                piece += "".join(alphabet[high << 8 | low] for high, low in zip(codes[::2], codes[1::2], strict=True))
            case b"EMC" if instead is not None:
                piece, instead = piece + instead, None
            case b"ET":
                yield piece
                piece = ""


def _alphabet(font: Any) -> Mapping[int, str]:
    named = _NAMED.findall(font["/ToUnicode"].get_object().get_data())
    return {int(code, 16): bytes.fromhex(characters.decode()).decode("utf-16-be") for code, characters in named}
