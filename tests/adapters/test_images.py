"""What is taken for a picture, and what is not, whatever it calls itself."""

import io
import struct
import zipfile
from typing import Any
from zlib import compress, crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.images.formats import Picture, look_at
from domain.errors import TooLarge, UnsupportedMediaType


def drawn(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    """A picture as a well-known library writes it."""
    image, file = Image.effect_mandelbrot(size, (-2, -1, 1, 1), 50).convert(mode), io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


JPEG, PNG, WEBP = drawn("JPEG"), drawn("PNG"), drawn("WEBP")
GENUINE = {
    "jpeg": (JPEG, "jpg"),
    "jpeg, progressive": (drawn("JPEG", progressive=True), "jpg"),
    "jpeg, grey": (drawn("JPEG", mode="L"), "jpg"),
    "jpeg, with restart marks": (drawn("JPEG", restart_marker_blocks=1), "jpg"),
    "jpeg, with a comment that speaks HTML": (drawn("JPEG", comment=b"<script>alert(1)</script>"), "jpg"),
    "jpeg, with what a phone appends": (JPEG + b"MotionPhoto_Data" + b"\x00\x00\x00\x18ftypmp42", "jpg"),
    "png": (PNG, "png"),
    "png, with a palette": (drawn("PNG", mode="P"), "png"),
    "png, interlaced and transparent": (drawn("PNG", mode="RGBA", optimize=True), "png"),
    "webp": (WEBP, "webp"),
    "webp, lossless": (drawn("WEBP", lossless=True), "webp"),
    "webp, with Exif": (drawn("WEBP", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00"), "webp"),
    "webp, transparent": (drawn("WEBP", mode="RGBA"), "webp"),
}
NOT_BARE = {
    "jpeg, with a comment that speaks HTML",
    "jpeg, with what a phone appends",
    "webp, with Exif",
}
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@pytest.mark.parametrize("name", GENUINE)
def test_a_whole_picture_is_known_with_its_size(name: str):
    content, ending = GENUINE[name]
    assert look_at(content) == Picture(ending, TYPES[ending], 40, 30, bare=name not in NOT_BARE)


def test_a_moving_webp_is_a_picture_too():
    first, second = (Image.new("RGB", (9, 7), colour) for colour in ("red", "blue"))
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=[second])
    assert look_at(file.getvalue()) == Picture("webp", "image/webp", 9, 7)


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.html", "<script>alert(1)</script>")
    return file.getvalue()


NONE = {
    "nothing": b"",
    "text": b"just text",
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "GIF": drawn("GIF"),
    "BMP": drawn("BMP"),
    "TIFF": drawn("TIFF"),
    "PDF": b"%PDF-1.7\n",
    "an archive": _zip(),
    "HTML with the first bytes of a JPEG": b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    "HTML with the first bytes of a PNG": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "HTML with the first bytes of a WebP": b"RIFF\x20\x00\x00\x00WEBP<script>alert(1)</script>",
    "a picture behind HTML": b"<script>alert(1)</script>" + PNG,
    "a PNG with an archive behind it": PNG + _zip(),
    "a WebP with a script behind it": WEBP + b"<script>",
    "a JPEG without a frame": b"\xff\xd8\xff\xd9",
    "a JPEG of fill bytes": b"\xff\xd8" + b"\xff" * 100_000,
    "a JPEG of empty segments": b"\xff\xd8" + b"\xff\xfe\x00\x02" * 100_000,
    "a JPEG with a segment of no length": b"\xff\xd8\xff\xfe\x00\x00" + JPEG[2:],
    "a PNG with a wrong checksum": PNG[:40] + bytes([PNG[40] ^ 1]) + PNG[41:],
    "a PNG without data": PNG[:33] + PNG[-12:],
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_whole_picture_is_refused(name: str):
    with pytest.raises(UnsupportedMediaType):
        look_at(NONE[name])


@pytest.mark.parametrize("name", GENUINE)
def test_half_an_upload_is_refused(name: str):
    content, _ = GENUINE[name]
    end = content.index(b"MotionPhoto") if b"MotionPhoto" in content else len(content)
    for length in {4, 11, 13, 30, end // 2, end - 1}:
        with pytest.raises(UnsupportedMediaType):
            look_at(content[:length])


def _png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", compress(b"")) + chunk(b"IEND", b"")


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_unopened():
    assert look_at(_png_of(8_000, 8_000)).width == 8_000
    for width, height in ((60_000, 60_000), (2**31 - 1, 1), (1, 20_000), (8_001, 8_000)):
        with pytest.raises(TooLarge):
            look_at(_png_of(width, height))
    with pytest.raises(UnsupportedMediaType):
        look_at(_png_of(0, 10))


@given(st.sampled_from([JPEG, PNG, WEBP]), st.integers(0, 400), st.binary(max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_malformed_picture_is_a_picture_or_a_refusal_and_never_a_fault(content: bytes, at: int, put: bytes):
    try:
        found = look_at(content[:at] + put + content[at + len(put) :])
    except (UnsupportedMediaType, TooLarge):
        return
    assert found.width > 0
    assert found.height > 0
