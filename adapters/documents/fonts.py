"""The fonts of printed documents, embedded in them: Noto Sans, which has the rupee sign, and FiraGO for Devanagari.

What neither of the two can draw is written in Latin letters: a name in Tamil or Bengali stays readable instead of
being printed as empty boxes.
"""

import io
import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pymupdf_fonts
from anyascii import anyascii
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

REGULAR, BOLD = "regular.ttf", "bold.ttf"
DEVANAGARI, DEVANAGARI_BOLD = "devanagari.ttf", "devanagari-bold.ttf"

_PACKED = {REGULAR: "notos", BOLD: "notosbo", DEVANAGARI: "figo", DEVANAGARI_BOLD: "figbo"}
# Of the first font only what is written here, without layout rules: reading the rest takes longer than drawing a page.
_LATIN = (*range(0x20, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00), *range(0x2010, 0x2045), 0x20AC, 0x20B9)
_LEFT_OUT = ("GSUB", "GPOS", "GDEF", "TTFA")
_JOINERS = "\u200c\u200d"

logging.getLogger("fontTools").setLevel(logging.ERROR)


@contextmanager
def font_files(*, devanagari: bool) -> Iterator[Path]:
    """A folder with the fonts for the length of one printing: the printer reads fonts from files only."""
    wanted = _PACKED if devanagari else (REGULAR, BOLD)
    with TemporaryDirectory(prefix="revcare-fonts-") as folder:
        for name in wanted:
            Path(folder, name).write_bytes(_content(name))
        yield Path(folder)


def printable(text: str) -> str:
    """The text in characters that the fonts have, on one line."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    return "".join(character if _drawn(character) else _romanised(character) for character in spaced)


def in_devanagari(text: str) -> bool:
    """Whether this text needs the second font, and the rules by which its letters join."""
    return any("\u0900" <= character <= "\u097f" for character in text)


def _drawn(character: str) -> bool:
    return ord(character) in _covered() and (character.isprintable() or character in _JOINERS)


def _romanised(character: str) -> str:
    if unicodedata.category(character) in {"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"}:  # emoji, controls, no letters
        return ""
    return str(anyascii(character)) or ("" if unicodedata.category(character).startswith("M") else "?")


@cache
def _covered() -> frozenset[int]:
    """The characters of both fonts, of the second one only Devanagari with its joiners."""
    latin, indian = (set(TTFont(io.BytesIO(_content(name))).getBestCmap()) for name in (REGULAR, DEVANAGARI))
    return frozenset(latin | {code for code in indian if 0x0900 <= code <= 0x097F or chr(code) in _JOINERS})


@cache
def _content(name: str) -> bytes:
    packed: bytes = pymupdf_fonts.fontbuffers[_PACKED[name]]()
    if name not in (REGULAR, BOLD):
        return packed
    font, out = TTFont(io.BytesIO(packed)), io.BytesIO()
    for table in filter(font.__contains__, _LEFT_OUT):
        del font[table]
    chosen = Subsetter(Options(hinting=False, notdef_outline=True))
    chosen.populate(unicodes=_LATIN)
    chosen.subset(font)
    font.save(out)
    return out.getvalue()
