"""Recognise a complete JPEG, PNG or WebP image by its structure. Nothing is decoded, so no image can exhaust memory.

A name or a declared type is not believed. The file is read from the first byte to the end mark, so text
with a picture's first bytes, half an upload and an archive behind a PNG are refused. What cameras put behind the end of
a JPEG (the moving part of a photo, its gain map) is not looked at; a picture with that or with metadata is not bare.
Of AVIF and HEIC only the first box is read: whether the rest is whole, the decoder says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from domain.errors import TooLarge, UnsupportedMediaType

MOST_PIXELS = 64_000_000
LONGEST_SIDE = 16_384
TOO_MANY_PIXELS = f"a picture has at most {MOST_PIXELS // 10**6} million pixels, and {LONGEST_SIDE} on a side"
_MOST_PARTS = 10_000
_PNG = b"\x89PNG\r\n\x1a\n"
# Within the data of a scan, FF is followed by 00 or a restart mark; the first other one ends it.
_MARK_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SCAN, _END = 0xDA, 0xD9
# Frames, tables of the decoder, JFIF's and Adobe's few bytes of how to read the colours.
_BARE_SEGMENTS = frozenset({*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD, _SCAN, 0xE0, 0xEE})
_SHORT_SEGMENTS = {0xE0: 14, 0xEE: 12}
_BARE_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"IDAT", b"IEND"})
_BARE_RIFF = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH"})
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})


@dataclass(frozen=True, slots=True)
class Picture:
    """What was found: the usual ending of a name, the media type, the size in pixels (0 where the decoder has to say).

    ``bare``: nothing is in the file but what is needed to show it as it is: no metadata, no way up, no second picture,
    no colour profile, nothing behind its end.
    """

    ending: str
    media_type: str
    width: int = 0
    height: int = 0
    bare: bool = False


class _Broken(Exception):
    """It begins like a picture and does not go on like one."""


def look_at(content: bytes) -> Picture:
    """The picture that these bytes are.

    Raises:
        UnsupportedMediaType: they are none, or not a whole one.
        TooLarge: it has more pixels than anybody should have to unpack.
    """
    try:
        picture = _seen(content)
    except (_Broken, IndexError):
        raise UnsupportedMediaType("the file is not a whole JPEG, PNG, WebP or AVIF picture") from None
    if max(picture.width, picture.height) > LONGEST_SIDE or picture.width * picture.height > MOST_PIXELS:
        raise TooLarge(TOO_MANY_PIXELS)
    return picture


def _seen(content: bytes) -> Picture:
    if content.startswith(b"\xff\xd8\xff"):
        return Picture("jpg", "image/jpeg", *_jpeg(content))
    if content.startswith(_PNG):
        return Picture("png", "image/png", *_png(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Picture("webp", "image/webp", *_webp(content))
    if content[4:8] == b"ftyp":
        return _of_brands(_brands(content))
    raise _Broken


def _of_brands(brands: frozenset[bytes]) -> Picture:
    if brands & _AVIF:
        return Picture("avif", "image/avif")
    if brands & _HEIC:
        return Picture("heic", "image/heic")
    raise _Broken


def _brands(content: bytes) -> frozenset[bytes]:
    """What the first box says that the file is: one brand, a version, and those it is compatible with."""
    length = int.from_bytes(content[:4])
    if not 16 <= length <= 16 + 4 * 64 or length >= len(content):
        raise _Broken
    return frozenset(content[at : at + 4] for at in (8, *range(16, length, 4)))


def _jpeg(content: bytes) -> tuple[int, int, bool]:
    """Segments up to the end mark; the size stands in the frame header."""
    at, size, scans, bare = 2, None, 0, True
    for _ in range(_MOST_PARTS):
        if content[at] != 0xFF:
            raise _Broken
        while content[at] == 0xFF:  # fill bytes
            at += 1
        kind = content[at]
        if kind == _END and size and scans:
            return *size, bare and at + 1 == len(content)
        length = int.from_bytes(_exactly(content, at + 1, 2))
        body = _exactly(content, at + 3, length - 2)
        at += 1 + length
        bare = bare and kind in _BARE_SEGMENTS and len(body) <= _SHORT_SEGMENTS.get(kind, len(body))
        if kind in _FRAMES:
            size = _sides(body[3:5], body[1:3])
        if kind == _SCAN:
            found = _MARK_AFTER_SCAN.search(content, at)
            if found is None:
                raise _Broken
            at, scans = found.start(), scans + 1
    raise _Broken


def _png(content: bytes) -> tuple[int, int, bool]:
    """Chunks with right checksums: IHDR first, some IDAT, IEND last and nothing behind it."""
    chunks = list(_chunks(content))
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds or len(chunks[0][1]) != 13:
        raise _Broken
    return *_sides(chunks[0][1][:4], chunks[0][1][4:8]), _BARE_CHUNKS.issuperset(kinds)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    for _ in range(_MOST_PARTS):
        length = int.from_bytes(_exactly(content, at, 4))
        named = _exactly(content, at + 4, 4 + length)
        if not named[:4].isalpha() or crc32(named).to_bytes(4) != _exactly(content, at + 8 + length, 4):
            raise _Broken
        yield named[:4], named[4:]
        at += 12 + length
        if at == len(content):
            return
    raise _Broken


def _webp(content: bytes) -> tuple[int, int, bool]:
    """A RIFF file of exactly its declared length whose first chunk tells the size, with picture data in it."""
    chunks = list(_riff(content))
    kind, body = chunks[0]
    kinds = {each for each, _ in chunks}
    bare = _BARE_RIFF.issuperset(kinds)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return *_sides(body[6:8], body[8:10], "little", 0x3FFF), bare
    if kind == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(_exactly(body, 1, 4), "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bare
    if kind == b"VP8X" and {b"VP8 ", b"VP8L", b"ANMF"} & kinds and len(body) == 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1, bare
    raise _Broken


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if int.from_bytes(content[4:8], "little") + 8 != len(content):
        raise _Broken
    at = 12
    for _ in range(_MOST_PARTS):
        length = int.from_bytes(_exactly(content, at + 4, 4), "little")
        yield content[at : at + 4], _exactly(content, at + 8, length)
        at += 8 + length + length % 2
        if at == len(content):
            return
    raise _Broken


def _sides(width: bytes, height: bytes, order: Literal["big", "little"] = "big", mask: int = -1) -> tuple[int, int]:
    sides = int.from_bytes(width, order) & mask, int.from_bytes(height, order) & mask
    if not all(sides):
        raise _Broken
    return sides


def _exactly(content: bytes, at: int, length: int) -> bytes:
    """That many bytes; a slice would be content with fewer."""
    found = content[at : at + length]
    if length < 0 or len(found) != length:
        raise _Broken
    return found
