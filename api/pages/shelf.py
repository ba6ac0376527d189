"""The pages' scripts and styles: read once, named by what they contain, so that browsers may keep them for good."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

# Not guessed: what the system's tables say of .js differs, and a module of another type does not run.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A file as it is served."""

    content: bytes
    media_type: str


class Shelf:
    """All files of a folder, under one edition: scripts import each other by name and must be of the same one."""

    def __init__(self, folder: Path) -> None:
        found = sorted(path for path in folder.iterdir() if path.suffix in _TYPES)
        self._things = {path.name: Thing(path.read_bytes(), _TYPES[path.suffix]) for path in found}
        seal = hashlib.sha256()
        for name, thing in self._things.items():
            seal.update(f"{name} {len(thing.content)} ".encode() + thing.content)
        self.edition = seal.hexdigest()[:12]

    def scripts(self) -> list[str]:
        """The names of the modules."""
        return [name for name in self._things if name.endswith(".js")]

    def thing(self, name: str) -> Thing | None:
        """A file, if it is here."""
        return self._things.get(name)

    def caching(self, edition: str) -> str:
        """For ever under its own name. While two releases run side by side, a neighbour's name is not kept."""
        return "public, max-age=31536000, immutable" if edition == self.edition else "no-store"
