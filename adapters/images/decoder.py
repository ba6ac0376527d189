"""The program that decodes one image: bytes on its input, an upright image without metadata on its output.

It runs by itself (``adapters.images.decoding`` starts it) and imports nothing of the product: the image is from a
stranger, and decoders have faults. Before the first byte is read it gives up what it does not need: memory beyond a
limit, processor time, files, sockets and processes of its own. Its arguments are the folder of Pillow, the format, the
bytes of address space, the seconds, and what is wanted: ``check`` whether it can be decoded, or ``rewrite`` it. The
first line that it writes is the ending of what follows, empty after a check; otherwise its exit code says what was
wrong.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 2_560
"""Pixels of the result, on its longer side."""
TOO_MANY_PIXELS, UNREADABLE, NO_MEMORY, NO_DECODER = 3, 4, 5, 6
_MOST_PIXELS, _LONGEST_SIDE_READ = 64_000_000, 16_384
_OLDEST_LIBHEIF = (1, 23, 4)
_ORIENTATION = 0x0112
_UPRIGHT_BY = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_LOADED_FIRST = (
    "AvifImagePlugin",
    "ImageCms",
    "MpoImagePlugin",
    "PngImagePlugin",
    "TiffImagePlugin",
    "WebPImagePlugin",
)
_JPEG_QUALITY = 88


def main(packages: str, form: str, memory: str, seconds: str, wanted: str) -> int:
    """Decode what comes in; the exit code."""
    _limit_resources(int(memory), int(seconds))
    sys.path.append(packages)
    try:
        # All that Pillow would load on the way: afterwards no file can be opened.
        for name in _LOADED_FIRST:
            import_module(f"PIL.{name}")
        sys.modules["PIL.Image"].preinit()
        sys.modules["PIL.AvifImagePlugin"].DEFAULT_MAX_THREADS = 1  # type: ignore[attr-defined]
        if form == "HEIF" and not _can_read_heif():
            return NO_DECODER
        _close_everything()
        content = sys.stdin.buffer.read()
    except MemoryError:
        return NO_MEMORY
    except Exception:
        return UNREADABLE
    code, written = answered(content, form, wanted)
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()
    return code


def answered(content: bytes, form: str, wanted: str) -> tuple[int, bytes]:
    """The exit code for an image, and what is written of it."""
    try:
        image = _opened(content, form)
        ending, written = _rewritten(image) if wanted == "rewrite" else _checked(image)
        return 0, ending.encode() + b"\n" + written
    except _TooManyPixels:
        return TOO_MANY_PIXELS, b""
    except MemoryError:
        return NO_MEMORY, b""
    except Exception:  # whatever a decoder makes of what a stranger wrote
        return UNREADABLE, b""


class _TooManyPixels(Exception):
    """Nobody should have to unpack that."""


def _limit_resources(memory: int, seconds: int) -> None:
    os.nice(10)  # whoever waits for an answer of the API comes first
    signal.alarm(seconds + 1)  # also when nobody is there any more who would end us
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)


def _close_everything() -> None:
    """No file, socket or process from here on: a descriptor above the limit is not given out."""
    os.closerange(3, 1024)
    _leave_the_network()
    _limit(resource.RLIMIT_NOFILE, 0)
    _limit(resource.RLIMIT_NPROC, 0)


def _leave_the_network() -> None:
    """Into a network of its own, which has nothing in it. Containers often do not allow that, and before Python 3.13
    there is no call; the limit of descriptors holds in any case."""
    if sys.version_info >= (3, 12) and sys.platform == "linux":
        try:
            os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
        except OSError:
            return


def _limit(what: int, value: int) -> None:
    try:
        resource.setrlimit(what, (value, value))
    except (OSError, ValueError):
        if sys.platform == "linux":  # macOS does not know all of them; nobody serves customers there
            raise


def _can_read_heif() -> bool:
    try:
        import pillow_heif
    except ImportError:
        return False
    numbers = tuple(int(part) for part in pillow_heif.libheif_version().split(".")[:3])
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()
    return numbers >= _OLDEST_LIBHEIF


def _opened(content: bytes, form: str) -> Image.Image:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is unpacked
    image = Image.open(io.BytesIO(content), formats=(form,))
    if image.width * image.height > _MOST_PIXELS or max(image.size) > _LONGEST_SIDE_READ:
        raise _TooManyPixels
    return image


def _checked(image: Image.Image) -> tuple[str, bytes]:
    image.load()
    return "", b""


def _rewritten(image: Image.Image) -> tuple[str, bytes]:
    from PIL import Image

    width, height = image.size
    orientation, profile = image.getexif().get(_ORIENTATION), image.info.get("icc_profile")
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image.draft(None, size)  # a JPEG need not be unpacked in full to be made smaller
    image.load()
    image = _in_eight_bits(image)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_srgb(image, profile)
    if orientation in _UPRIGHT_BY:
        image = image.transpose(Image.Transpose[_UPRIGHT_BY[orientation]])
    return _written(image)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Grey, coloured, coloured with alpha, or four inks."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As it looks by its profile, which is left out: it names devices and people."""
    from PIL import ImageCms

    mode = image.mode if image.mode in ("L", "RGBA") else "RGB"
    if profile and mode != "L":
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode)
            return image if found is None else found
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image if image.mode == mode else image.convert(mode)


def _written(image: Image.Image) -> tuple[str, bytes]:
    """A PNG where something may show through, else a JPEG."""
    image.info.clear()  # Pillow would write comments and times anew
    file = io.BytesIO()
    if image.mode == "RGBA":
        image.save(file, "PNG")
        return "png", file.getvalue()
    image.save(file, "JPEG", quality=_JPEG_QUALITY)
    return "jpg", file.getvalue()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
