"""Images of strangers are decoded in a process of their own, which is started for one and ended with it.

Starting it costs a fraction of what decoding a photo does, and nothing that one image does to a decoder is there for
the next one.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from adapters.images import decoder
from adapters.images.formats import TOO_MANY_PIXELS, Picture
from domain.errors import TooLarge, Unavailable, UnreadableImage, UnsupportedMediaType

MEMORY = 512 * 2**20
"""Bytes of address space that a decoder may have, its own code included."""
SECONDS = 10
WAITING_AT_MOST = 2
_RETRY_AFTER = 5
_LARGEST_RESULT = 32_000_000
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF"}
_NO_HEIC = (
    "HEIC pictures are not taken here: send it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible; "
    "or choose JPEG when you share or export the picture)"
)
_REFUSALS = {
    decoder.TOO_MANY_PIXELS: TooLarge(TOO_MANY_PIXELS),
    decoder.NO_DECODER: UnsupportedMediaType(_NO_HEIC),
}
_NO_MEMORY = "the picture takes too much memory to decode; send a smaller one"
_DAMAGED = "the picture cannot be decoded; it may be damaged"


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An image that can be decoded; ``ending`` is that of its name: jpg, png or webp."""

    content: bytes
    ending: str


class ImageDecoder:
    """One image at a time, two waiting; ``close()`` it at the end."""

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._turn = asyncio.Semaphore(1)
        self._taken = 0
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False

    async def decoded(self, content: bytes, picture: Picture) -> DecodedImage:
        """The picture as it is, where it is small and bare, else as JPEG, or PNG where something may show through:
        upright, at most 2,560 pixels on its longer side, without anything else that was in the file.

        Raises:
            UnsupportedMediaType: there is no decoder for its format.
            TooLarge: it has too many pixels.
            UnreadableImage: it cannot be decoded, or not in the time and memory that there are.
            Unavailable: others wait already.
        """
        if picture.ending == "heic" and find_spec("pillow_heif") is None:
            raise UnsupportedMediaType(_NO_HEIC)
        if self._taken > WAITING_AT_MOST:
            raise Unavailable("other pictures are being decoded; try again in a moment", retry_after=_RETRY_AFTER)
        self._taken += 1
        # Whoever stops waiting for it must not leave a process that is only half started.
        return await asyncio.shield(asyncio.create_task(self._in_turn(content, picture)))

    async def _in_turn(self, content: bytes, picture: Picture) -> DecodedImage:
        try:
            async with self._turn:
                return await self._decoded(content, picture)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """End the process, if there is one, and start none any more."""
        self._closed = True
        self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _decoded(self, content: bytes, picture: Picture) -> DecodedImage:
        self._process = process = await self._started(FORMATS[picture.ending], wanted_of(picture))
        if self._closed:
            self._end_process()
        try:
            async with asyncio.timeout(self._seconds):
                answer, _ = await asyncio.gather(_answer_of(process), _given(process, content))
                code = await process.wait()
        except TimeoutError:
            seconds = round(self._seconds)
            words = f"the picture takes more than {seconds} seconds to decode; send a smaller one"
            raise _unreadable(words) from None
        finally:
            self._end_process()
            await process.wait()
            self._process = None
        return understood(content, picture, code, answer)

    async def _started(self, form: str, wanted: str) -> asyncio.subprocess.Process:
        spec = find_spec("PIL")
        if spec is None or spec.origin is None:
            raise Unavailable("no pictures can be decoded here")
        packages = Path(spec.origin).parents[1]
        program = (sys.executable, "-I", "-S", decoder.__file__)
        given = (str(packages), form, str(self._memory), str(round(self._seconds)), wanted)
        # Nothing of ours goes along: no variable (secrets), no descriptor but three pipes, no terminal.
        return await asyncio.create_subprocess_exec(
            *program,
            *given,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )


def wanted_of(picture: Picture) -> str:
    """What a decoder is asked for: a small picture with nothing beside it only has to be one."""
    stays = picture.bare and max(picture.width, picture.height) <= decoder.LONGEST_SIDE
    return "check" if stays else "rewrite"


def understood(content: bytes, picture: Picture, code: int, answer: bytes) -> DecodedImage:
    """What a decoder's exit code and answer say of a picture.

    Raises:
        UnsupportedMediaType, TooLarge, UnreadableImage: as ``ImageDecoder.decoded``.
    """
    ending, mark, written = answer.partition(b"\n")
    if code == 0 and mark and wanted_of(picture) == "check":
        return DecodedImage(content, picture.ending)
    if code == 0 and mark and ending in (b"jpg", b"png"):
        return DecodedImage(written, ending.decode())
    if (refusal := _REFUSALS.get(code)) is not None:
        raise type(refusal)(refusal.detail)
    raise _unreadable(_NO_MEMORY if code == decoder.NO_MEMORY else _DAMAGED)


def _unreadable(words: str) -> UnreadableImage:
    """The refusal, in the shape of all whose field has the wrong content."""
    return UnreadableImage(words, errors=[{"field": "body.file", "message": words, "type": "image"}])


async def _given(process: asyncio.subprocess.Process, content: bytes) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended; its exit code says why
            process.stdin.write(content)
            await process.stdin.drain()
        process.stdin.close()


async def _answer_of(process: asyncio.subprocess.Process) -> bytes:
    answer = bytearray()
    while process.stdout is not None and (piece := await process.stdout.read(2**18)):
        answer += piece
        if len(answer) > _LARGEST_RESULT:
            process.kill()
            return b""
    return bytes(answer)
