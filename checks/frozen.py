"""What a release has stored is never written anew: histories of workflows, and steps of migrations.

Bookings that were opened by that release go on with their histories, databases stand at its steps; new ones are added
beside them. Files are compared with those of the newest release's commit, byte by byte, by Git's own digests.
"""

import hashlib
import re
import subprocess
from pathlib import Path

from checks.release import newest

FROZEN = re.compile(r"(?:.+/)?histories/[^/]+\.json|(?:.+/)?migrations/(?:.+/)?v\d+_\w+\.py")


def problems(root: Path) -> list[str]:
    """A line for each stored file of the newest release that is gone or differs; none before the first release."""
    release = newest(root)
    if release is None:
        return []
    try:
        stored = _digests(root, release["commit"])
    except subprocess.CalledProcessError as error:
        return [f"release {release['version']}: {error.stderr.strip()}"]
    return [
        f"since {release['version']}: {name} is stored; leave it as it was and add a new one beside it"
        for name, digest in stored.items()
        if FROZEN.fullmatch(name) and _digest(root / name) != digest
    ]


def _digests(root: Path, commit: str) -> dict[str, str]:
    """The files of a commit with the digests of their contents.

    Raises:
        subprocess.CalledProcessError: this clone does not have the commit.
    """
    command = ["git", "-C", str(root), "ls-tree", "-r", "-z", commit]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")  # noqa: S603 - no shell, our own words
    return {name: entry.split()[2] for line in lines if line for entry, _, name in [line.partition("\t")]}


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
