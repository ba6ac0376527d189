"""Pictures that people sent, as files in one folder. Several API processes share it; nothing in it ever changes."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

import structlog

from domain.errors import NotFound, Unavailable

log = structlog.get_logger("uploads")

_NO_ROOM = 600
_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png|webp)", re.ASCII)
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored picture."""

    content: bytes
    media_type: str


def new_name(ending: str) -> str:
    """A name for a picture, of which this is the usual ending: nobody can guess it, and it says nothing of whoever sent
    the picture."""
    return f"{secrets.token_hex(16)}.{ending}"


class Uploads:
    """The folder. Blocking: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def must_have_room(self, size: int, free: int) -> None:
        """Raises Unavailable: with ``size`` bytes more, less than ``free`` would be left on the disk."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if disk_usage(self._folder).free - size < free:
            log.warning("pictures are refused: the disk is nearly full", folder=str(self._folder), keeps_free=free)
            raise Unavailable("there is no room for pictures at the moment; try again later", retry_after=_NO_ROOM)

    def keep(self, content: bytes, name: str) -> None:
        """Store a picture under a name of ``new_name``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}"
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._folder / name)
        finally:
            draft.unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """Whether a picture of that name is stored."""
        return bool(_NAME.fullmatch(name)) and (self._folder / name).is_file()

    def read(self, name: str) -> Upload:
        """A stored picture. Raises NotFound, also for every name that could not be one of ours."""
        if _NAME.fullmatch(name):
            try:
                return Upload((self._folder / name).read_bytes(), _MEDIA_TYPES[name.rpartition(".")[2]])
            except FileNotFoundError:
                pass
        raise NotFound("there is no such picture")
