"""Pictures that people sent, as files in one folder. Several API processes share it; nothing in it ever changes."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from domain.errors import NotFound

_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png|webp)", re.ASCII)
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored picture."""

    content: bytes
    media_type: str


class Uploads:
    """The folder. Blocking: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes, ending: str) -> str:
        """Store a picture, of which this is the usual ending, under a name that nobody can guess and that says nothing
        of whoever sent it."""
        name = f"{secrets.token_hex(16)}.{ending}"
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
        return name

    def read(self, name: str) -> Upload:
        """A stored picture. Raises NotFound, also for every name that could not be one of ours."""
        if _NAME.fullmatch(name):
            try:
                return Upload((self._folder / name).read_bytes(), _MEDIA_TYPES[name.rpartition(".")[2]])
            except FileNotFoundError:
                pass
        raise NotFound("there is no such picture")
