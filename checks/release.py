"""What was published stays: the API, settings, mail headers, metrics and ``stack.json`` of the newest release.

Releases are the entries of ``docs/releases.toml``; the files of one come from its commit by ``git archive``, since a
clone may have no tags. What is removed or narrowed is a problem unless ``docs/api-changes.md`` lists it, in backticks.
"""

import io
import json
import subprocess
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checks import openapi_diff

OPENAPI, INTERFACE = "docs/openapi.json", "docs/interface.json"
_LISTS = ("mail_headers", "metrics", "stack_json")


def newest(root: Path) -> dict[str, str] | None:
    """The last entry of the list of releases: its version and commit; None before the first."""
    path = root / "docs/releases.toml"
    releases: list[dict[str, str]] = tomllib.loads(path.read_text()).get("release", []) if path.exists() else []
    return releases[-1] if releases else None


def archived(root: Path, commit: str, *names: str) -> dict[str, bytes]:
    """Files as they were at a commit.

    Raises:
        subprocess.CalledProcessError: this clone does not have the commit, or the commit not these files.
    """
    command = ["git", "-C", str(root), "archive", "--format=tar", commit, *names]
    content = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - no shell, our own words
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {
            member.name: file.read()
            for member in archive
            if member.isfile() and (file := archive.extractfile(member)) is not None
        }


def problems(root: Path) -> list[str]:
    """What the newest release promised and this tree does not keep, without what is listed as a change."""
    release = newest(root)
    if release is None:
        return []
    try:
        old = archived(root, release["commit"], OPENAPI, INTERFACE)
    except subprocess.CalledProcessError as error:
        return [f"release {release['version']}: {error.stderr.decode().strip()}"]
    listed = (root / "docs/api-changes.md").read_text()
    new = {name: json.loads((root / name).read_text()) for name in (OPENAPI, INTERFACE)}
    found = [
        *openapi_diff.narrowed(json.loads(old[OPENAPI]), new[OPENAPI]),
        *narrowed(json.loads(old[INTERFACE]), new[INTERFACE]),
    ]
    return [
        f"since {release['version']}: `{change}` (undo it, or list it in docs/api-changes.md)"
        for change in found
        if f"`{change}`" not in listed
    ]


def notes(root: Path) -> list[str]:
    """What to say when there is nothing to compare with."""
    return [] if newest(root) else ["no release yet (docs/releases.toml): the interface is not compared"]


def narrowed(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """A line for each removed name, and for each setting that production did not need to have before."""
    for part in _LISTS:
        yield from (f"{part}: {name} removed" for name in old[part] if name not in new[part])
    for name, setting in old["settings"].items():
        if name not in new["settings"]:
            yield f"settings: {name} removed"
        elif new["settings"][name]["needed_in_production"] and not setting["needed_in_production"]:
            yield f"settings: production needs {name}"
    for name in new["settings"].keys() - old["settings"].keys():
        if new["settings"][name]["needed_in_production"]:
            yield f"settings: production needs {name}"
