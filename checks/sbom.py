"""`make sbom`: what the product is made of, as CycloneDX JSON.

Versions, files and who asks for whom come from ``requirements.product.lock``, licences from what is installed; nothing
is asked of the network. What a development machine has besides is left out.
"""

import re
import sys
import tomllib
import uuid
from importlib import metadata
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from checks.files import REPOSITORY
from checks.licences import stated_licences

_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?(?: \\)?\n((?: .*\n?)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_ASKED_FOR_BY = re.compile(r"^    # (?:via |  )([A-Za-z0-9][A-Za-z0-9._-]*)(?: \(pyproject\.toml\))?$", re.MULTILINE)


def bill_of_materials(root: Path) -> str:
    """The document for the checkout at ``root``, CycloneDX 1.6; the same lock has the same serial number."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lock = (root / "requirements.product.lock").read_text()
    product = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        licenses=[LicenseExpression(project["license"])],
    )
    found = _PACKAGE.findall(lock)
    packages = {name: _component(name, version, rest) for name, version, _, rest in found}
    bom = Bom(components=packages.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock + project["version"]))
    bom.metadata.component = product
    parts = {project["name"]: product, **packages}
    wanted: dict[str, list[Component]] = {name: [] for name in parts}
    for name, *_, rest in found:
        for asking in _ASKED_FOR_BY.findall(rest):
            wanted[asking].append(packages[name])
    for asking, components in wanted.items():
        bom.register_dependency(parts[asking], components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def _component(name: str, version: str, rest: str) -> Component:
    """A package; its files for all platforms are those whose hashes the lock has."""
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in _HASH.findall(rest)]
    where = XsUri(f"https://pypi.org/project/{name}/{version}/")
    try:
        licences = stated_licences(metadata.metadata(name))
    except metadata.PackageNotFoundError:
        licences = set()  # of another platform
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=name,
        purl=PackageURL("pypi", None, name, version),
        licenses=[LicenseExpression(" AND ".join(sorted(licences)))] if licences else [],
        external_references=[ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=where, hashes=hashes)],
    )


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(bill_of_materials(REPOSITORY) + "\n")
    print(target)
