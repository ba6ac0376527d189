"""The pages' scripts and styles: read once, named by what they contain, so that browsers may keep them for good."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Not guessed: what the system's tables say of .js differs, and a module of another type does not run.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served."""

    content: bytes
    media_type: str


class StaticFiles:
    """All files of some folders, under one edition: scripts import each other by name and must be of the same one."""

    def __init__(self, folders: Sequence[Path]) -> None:
        found = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in _TYPES)
        self._files = {path.name: StaticFile(path.read_bytes(), _TYPES[path.suffix]) for path in found}
        seal = hashlib.sha256()
        for name, file in self._files.items():
            seal.update(f"{name} {len(file.content)} ".encode() + file.content)
        self.edition = seal.hexdigest()[:12]

    def scripts(self) -> list[str]:
        """The names of the modules."""
        return [name for name in self._files if name.endswith(".js")]

    def file(self, name: str) -> StaticFile | None:
        """A file, if it is here."""
        return self._files.get(name)

    def caching(self, edition: str) -> str:
        """For ever under its own edition. While two releases run side by side, the other one's files are not cached."""
        return "public, max-age=31536000, immutable" if edition == self.edition else "no-store"
