"""Every package that the product installs has a licence that we may ship: by its metadata and by the files it bundles.

So has every font of the repository, by the text beside it. The packages are those of ``requirements.product.lock``, the
facts those of the installed distributions.
"""

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from checks.files import files

ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0",
        "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
    }
)  # fmt: skip
"""SPDX identifiers. A new one is a decision: read the licence before it is added."""

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_OTHER_SPELLINGS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "sil ofl v1.1": "OFL-1.1",
    "the unlicense (unlicense)": "Unlicense",
}
_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying)[^/]*$", re.IGNORECASE)
_TEXTS = {
    "AGPL-3.0": r"GNU AFFERO GENERAL PUBLIC LICENSE",
    "Apache-2.0": r"Apache License,?\s+(Version 2\.0|2\.0)|www\.apache\.org/licenses/LICENSE-2\.0"
    r"|licenses\s+found in LICENSE\.APACHE2? or LICENSE\.(BSD|MIT)",
    "BSD-3-Clause": r"Redistribution and use in source and binary forms",
    "BUSL-1.1": r"Business Source License",
    "CC0-1.0": r"CC0 1\.0 Universal",
    "Commons-Clause": r"Commons Clause",
    "Elastic-2.0": r"Elastic License",
    "GPL": r"(?m)^\s*GNU GENERAL PUBLIC LICENSE",
    "HPND": r"Permission to use, copy, modify,? and distribute this software and its\s+(associated )?documentation",
    "ISC": r"Permission to use, copy, modify, (and/or distribute|and distribute this software for any)",
    "LGPL-3.0-only": r"GNU LESSER GENERAL PUBLIC LICENSE",
    "MIT": r"Permission\s+is\s+hereby\s+granted,\s+free\s+of\s+charge,\s+to\s+any\s+person\s+obtaining",
    "MPL-2.0": r"Mozilla Public License,?\s+(Version|v\.)\s*2\.0",
    "OFL-1.1": r"SIL OPEN FONT LICENSE",
    "PSF-2.0": r"PYTHON SOFTWARE FOUNDATION LICENSE|PSF LICENSE AGREEMENT",
    "SSPL-1.0": r"Server Side Public License",
    "Unlicense": r"free\s+and\s+unencumbered\s+software\s+released\s+into\s+the\s+public\s+domain",
}


def problems(root: Path) -> list[str]:
    """One line for each package whose metadata or licence file is not on the list, and for each font without one."""
    names = _LOCKED.findall((root / "requirements.product.lock").read_text())
    fonts = [font for font in files(root, ".ttf", ".otf", ".woff", ".woff2") if not _is_open(root / font)]
    return [
        *(problem for name in names for problem in of_distribution(name)),
        *(f"{font}: no OFL.txt beside it says that we may ship it" for font in fonts),
    ]


def _is_open(font: Path) -> bool:
    beside = font.with_name("OFL.txt")
    return beside.exists() and "OFL-1.1" in recognised(beside.read_text()) and font.name in beside.read_text()


def of_distribution(name: str) -> Iterator[str]:
    """What is wrong with the licence of one installed package."""
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return  # of another platform: the lock is for all of them
    stated = stated_licences(package.metadata)
    if not stated:
        yield f"{name}: its metadata state no licence"
    if refused := stated - ALLOWED:
        yield f"{name}: its metadata state {', '.join(sorted(refused))}, which checks/licences.py does not allow"
    for path in package.files or ():
        if _LICENCE_FILE.search(path.as_posix()) and path.suffix not in {".py", ".pyc"}:
            text = Path(str(path.locate())).read_text(errors="replace")
            found = recognised(text)
            if not found:
                yield f"{name}: {path} has words that checks/licences.py does not know; read it, then add them"
            if refused := found - ALLOWED:
                yield f"{name}: {path} is {', '.join(sorted(refused))}, which checks/licences.py does not allow"


def stated_licences(fields: metadata.PackageMetadata) -> set[str]:
    """The licences of the metadata that have to be allowed; of alternatives joined by OR one that is, if there is."""
    if expression := _field(fields, "License-Expression"):
        return _of_expression(expression)
    line = _field(fields, "License")
    if line and "\n" not in line and len(line) < 60:
        return _of_expression(_OTHER_SPELLINGS.get(line.lower(), line))
    named = [entry.rpartition(" :: ")[2] for entry in _classifiers(fields) if entry.startswith("License :: ")]
    return {_OTHER_SPELLINGS.get(name.lower(), name) for name in named} or recognised(line)


def recognised(text: str) -> set[str]:
    """The licences whose own words stand in this text."""
    return {name for name, words in _TEXTS.items() if re.search(words, text)}


def _field(fields: metadata.PackageMetadata, name: str) -> str:
    return fields[name].strip() if name in fields else ""


def _classifiers(fields: metadata.PackageMetadata) -> Iterable[str]:
    return fields.get_all("Classifier") or ()


def _of_expression(expression: str) -> set[str]:
    """An SPDX expression; parentheses stand only around alternatives in what is published."""
    found: set[str] = set()
    for part in re.split(r"\s+AND\s+", expression):
        choices = [choice.strip(" ()") for choice in re.split(r"\s+OR\s+", part)]
        allowed = [choice for choice in choices if choice in ALLOWED]
        found |= set(allowed[:1] or choices)
    return found
