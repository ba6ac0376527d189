"""Reading a printed document back as its reader would: by the letters that its fonts name, in the order of drawing."""

import io
import re
from codecs import BOM_UTF16_BE
from collections.abc import Iterator, Mapping
from typing import Any

from pypdf import PdfReader

_NAMED = re.compile(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", re.MULTILINE)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"(": b"(", b")": b")", b"\\": b"\\"}
_ESCAPED = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3})", re.DOTALL)
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
_TOKEN = re.compile(rb"(?P<plain>[^()<>\[\]/]+)|(?P<string>\()|/[^\s()<>\[\]/]*|<<|>>|[\[\]]|<[0-9A-Fa-f]*>")
"""Numbers and operators up to the next name, bracket or string."""


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
    for operator, operands in _operations(page.get_contents().get_data()):
        match operator:
            case b"Tf":
                font = operands[0].decode()
                kept = fonts.raw_get(font).idnum
                alphabet = alphabets.get(kept) or alphabets.setdefault(kept, _alphabet(fonts[font]))
            case b"BDC" if b"/ActualText" in operands:
                instead = _words(operands[operands.index(b"/ActualText") + 1])
            case b"Tj" | b"TJ" if instead is None:
                codes = b"".join(_bytes(drawn) for drawn in operands if drawn[:1] in b"(<")
                piece += "".join(alphabet[high << 8 | low] for high, low in zip(codes[::2], codes[1::2], strict=True))
            case b"EMC" if instead is not None:
                piece, instead = piece + instead, None
            case b"ET":
                yield piece
                piece = ""


def _operations(drawing: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each operator with the names and strings before it, as they are written. Ten times as fast as pypdf, which makes
    an object of every number."""
    operands: list[bytes] = []
    end = 0
    while end < len(drawing):
        token = _TOKEN.match(drawing, start := end)
        assert token, drawing[start:]
        end = _end_of_string(drawing, start) if token["string"] else token.end()
        if not token["plain"]:
            operands.append(drawing[start:end])
            continue
        for word in token[0].split():
            if word[:1].isalpha():
                yield word, operands
                operands = []


def _end_of_string(drawing: bytes, start: int) -> int:
    """Where the bracket closes that opens there; those within it come in pairs, or are escaped."""
    depth = 0
    for found in _BRACKET.finditer(drawing, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    raise AssertionError(drawing[start:])


def _bytes(string: bytes) -> bytes:
    """What a string stands for that is written in hexadecimal digits, or as it is with some characters escaped."""
    if string[:1] == b"<":
        return bytes.fromhex(string[1:-1].decode())
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1]) or bytes([int(found[1], 8)]), string[1:-1])


def _words(string: bytes) -> str:
    content = _bytes(string)
    return content.decode("utf-16") if content[:2] == BOM_UTF16_BE else content.decode("ascii")


def _alphabet(font: Any) -> Mapping[int, str]:
    named = _NAMED.findall(font["/ToUnicode"].get_object().get_data())
    return {int(code, 16): bytes.fromhex(characters.decode()).decode("utf-16-be") for code, characters in named}
