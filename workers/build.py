"""What Temporal calls the build of a worker: it stands in each workflow task, so those of a bad release are found."""

import hashlib
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[1]) + os.sep


@cache
def build_id() -> str:
    """Of our own sources, as far as they are loaded when the first worker of this process is made.

    The SDK's own is made of the code of all modules, libraries' too, and takes a third of a second of each start.
    """
    files = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name != "__main__"]
    return build_of(file for file in files if file and file.startswith(_ROOT) and "site-packages" not in file)


def build_of(sources: Iterable[str]) -> str:
    """The same for the same files, whatever their order."""
    found = hashlib.sha256()
    for source in sorted(sources):
        found.update(source.removeprefix(_ROOT).encode() + b"\0" + Path(source).read_bytes())
    return found.hexdigest()[:32]
