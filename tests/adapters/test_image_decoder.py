"""What becomes of a stranger's picture, and what a decoder that fails can do to us."""

import asyncio
import io
import os
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from adapters.images import decoder as program
from adapters.images.decoding import ImageDecoder
from adapters.images.formats import look_at
from domain.errors import TooLarge, Unavailable, UnreadableImage, UnsupportedMediaType
from tests.adapters.test_images import JPEG, _png_of, drawn

SECRET = b"taken at 18.5204 N 73.8567 E"


def taken(kind: str, orientation: int = 1, size: tuple[int, int] = (80, 40)) -> bytes:
    """A picture as a phone takes it: red on the left, blue on the right, the place and a way up in its metadata."""
    image, file = Image.new("RGB", size, "blue"), io.BytesIO()
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (18.0, 31.0, 13.0), 3: "E", 4: (73.0, 51.0, 24.0)})
    options: dict[str, Any] = {"xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"} if kind != "PNG" else {}
    image.save(file, kind, exif=exif, **options)
    return file.getvalue()


@pytest.fixture
async def decoder() -> AsyncIterator[ImageDecoder]:
    decoder = ImageDecoder()
    yield decoder
    decoder.close()


async def written(decoder: ImageDecoder, content: bytes) -> tuple[Image.Image, bytes, str]:
    found = await decoder.decoded(content, look_at(content))
    return Image.open(io.BytesIO(found.content)), found.content, found.ending


def decoders() -> list[psutil.Process]:
    """The decoders that this process or one that it started has running."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended already
            if program.__file__ in child.cmdline():
                found.append(child)
    return found


async def running() -> psutil.Process:
    """A decoder's process, once there is one."""
    async with asyncio.timeout(60):
        while not (found := decoders()):  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(0.002)
    return found[0]


def descriptors() -> set[tuple[int, int]]:
    """What is open in this process, by number and file: others of it may close theirs at any time."""
    found = set()
    for each in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the one by which they were listed
            found.add((int(each.name), os.fstat(int(each.name)).st_ino))
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_the_place_where_a_picture_was_taken_is_gone_and_it_stands_upright(decoder: ImageDecoder, kind: str):
    content = taken(kind, orientation=6)
    assert SECRET in content
    image, stored, ending = await written(decoder, content)
    assert (ending, image.format) == ("jpg", "JPEG")
    assert SECRET not in stored
    assert not image.getexif()
    assert look_at(stored).bare
    assert image.size == (40, 80)
    top, bottom = image.getpixel((20, 10)), image.getpixel((20, 70))
    assert top[0] > 200 > 50 > top[2], "what was on the left is on top"
    assert bottom[2] > 200 > 50 > bottom[0]


async def test_what_stands_behind_the_end_of_a_picture_is_gone(decoder: ImageDecoder):
    _, stored, _ = await written(decoder, JPEG + b"MotionPhoto_Data" + SECRET)
    assert SECRET not in stored


async def test_a_large_picture_is_made_smaller_and_keeps_its_shape(decoder: ImageDecoder):
    image, _, _ = await written(decoder, taken("JPEG", size=(3000, 1500)))
    assert image.size == (2560, 1280)


async def test_what_shows_through_still_does(decoder: ImageDecoder):
    file = io.BytesIO()
    Image.new("RGBA", (50, 30), (255, 0, 0, 100)).save(file, "AVIF")
    image, _, ending = await written(decoder, file.getvalue())
    assert (ending, image.format, image.mode) == ("png", "PNG", "RGBA")
    assert image.getpixel((5, 5))[3] == 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_small_upright_picture_without_metadata_stays_byte_for_byte(decoder: ImageDecoder, kind: str):
    content = drawn(kind)
    _, stored, _ = await written(decoder, content)
    assert stored == content


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="HEIC is taken here")
async def test_heic_is_refused_with_the_way_to_send_a_jpeg(decoder: ImageDecoder):
    content = struct.pack(">I", 24) + b"ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100
    with pytest.raises(UnsupportedMediaType, match="send it as JPEG"):
        await decoder.decoded(content, look_at(content))


async def test_an_avif_that_unpacks_to_gigabytes_is_refused(decoder: ImageDecoder):
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "AVIF")
    content = file.getvalue().replace(struct.pack(">II", 64, 64), struct.pack(">II", 60_000, 60_000))
    with pytest.raises((TooLarge, UnreadableImage)):
        await decoder.decoded(content, look_at(content))


async def test_a_picture_that_takes_more_memory_than_there_is_for_it_is_refused():
    file = io.BytesIO()
    Image.new("RGBA", (4000, 4000)).save(file, "PNG", compress_level=1)
    with pytest.raises(UnreadableImage, match="memory"):
        await ImageDecoder(memory=128 * 2**20).decoded(file.getvalue(), look_at(file.getvalue()))


async def test_a_picture_of_the_right_structure_that_cannot_be_decoded_is_refused(decoder: ImageDecoder):
    content = _png_of(40, 30)
    with pytest.raises(UnreadableImage, match="damaged"):
        await decoder.decoded(content, look_at(content))


async def test_a_decoder_that_is_killed_leaves_nothing_behind_and_the_next_picture_is_decoded(decoder: ImageDecoder):
    await written(decoder, JPEG)
    before = descriptors()
    decoding = asyncio.create_task(written(decoder, taken("JPEG")))
    killed = await running()
    killed.kill()
    with pytest.raises(UnreadableImage):
        await decoding
    assert not psutil.pid_exists(killed.pid), "it is not even a zombie"
    assert (await written(decoder, JPEG))[1] == JPEG
    assert descriptors() - before == set()


async def test_a_decoder_that_hangs_is_ended_after_its_time():
    decoding = asyncio.create_task(written(ImageDecoder(seconds=2), taken("JPEG")))
    hung = await running()
    hung.suspend()
    with pytest.raises(UnreadableImage, match="2 seconds"):
        await decoding
    assert not psutil.pid_exists(hung.pid)


async def test_two_wait_while_one_is_decoded_and_the_next_is_told_when_to_come_again(decoder: ImageDecoder):
    decodings = [asyncio.create_task(written(decoder, JPEG)) for _ in range(3)]
    first = await running()
    first.suspend()
    with pytest.raises(Unavailable) as refused:
        await written(decoder, JPEG)
    assert refused.value.data["retry_after"] > 0
    assert len(decoders()) == 1
    first.resume()
    assert [stored for _, stored, _ in await asyncio.gather(*decodings)] == [JPEG] * 3


async def test_whoever_gives_up_waiting_leaves_no_process_and_no_place_taken(decoder: ImageDecoder):
    decodings = [asyncio.create_task(written(decoder, JPEG)) for _ in range(3)]
    await running()
    for decoding in decodings:
        decoding.cancel()
    assert await _once_there_is_room(decoder) == JPEG
    assert all(decoding.cancelled() for decoding in decodings)
    assert not decoders()


async def _once_there_is_room(decoder: ImageDecoder) -> bytes:
    while True:
        try:
            return (await written(decoder, JPEG))[1]
        except Unavailable:
            await asyncio.sleep(0.01)


async def test_a_decoder_ends_with_what_started_it(decoder: ImageDecoder):
    decoding = asyncio.create_task(written(decoder, JPEG))
    process = await running()
    process.suspend()
    decoder.close()
    with pytest.raises(UnreadableImage):
        await decoding
    assert not psutil.pid_exists(process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="others do not know all limits")
def test_a_decoder_can_open_neither_a_file_nor_a_socket_nor_start_a_process():
    tried = f"""
import os, runpy, socket
own = runpy.run_path({program.__file__!r})
own["_limit_resources"](2**29, 5)
own["_close_everything"]()
for trial in (lambda: socket.socket(), lambda: open("/etc/passwd"), lambda: os.open("/tmp/x", os.O_CREAT)):
    try:
        trial()
        print("opened")
    except OSError as error:
        print(error.errno)
"""
    result = subprocess.run([sys.executable, "-c", tried], check=True, capture_output=True, text=True)
    assert result.stdout.split() == ["24"] * 3


@pytest.mark.parametrize("kind", ["an image of two pictures", "16 bits of grey", "four inks"])
async def test_pictures_of_other_makes_are_read_too(decoder: ImageDecoder, kind: str):
    file = io.BytesIO()
    if kind == "an image of two pictures":
        red, blue = (Image.new("RGB", (40, 20), colour) for colour in ("red", "blue"))
        red.save(file, "MPO", save_all=True, append_images=[blue])
    elif kind == "16 bits of grey":
        Image.new("I;16", (40, 20), 0x80FF).save(file, "PNG", dpi=(72, 72))
    else:
        Image.new("CMYK", (40, 20), (0, 0, 0, 127)).save(file, "JPEG", comment=SECRET)
    image, stored, _ = await written(decoder, file.getvalue())
    expected = (254, 0, 0) if kind == "an image of two pictures" else (128, 128, 128)
    found = image.convert("RGB").getpixel((5, 5))
    assert all(abs(one - other) < 6 for one, other in zip(found, expected, strict=True))
    assert SECRET not in stored


def test_the_limits_here_are_those_of_the_decoder():
    from adapters.images import formats

    assert (formats.MOST_PIXELS, formats.LONGEST_SIDE) == (program._MOST_PIXELS, program._LONGEST_SIDE_READ)
