"""The kinds of booking: each is a folder with the same layers as the engine, which imports none of them.

Only the composition roots load them, by the names of ``INSTALLED``; loading this package loads no kind.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

SHIPPED = ("kinds.vehicle_service", "kinds.local_services")
"""Dotted packages of all kinds that the product has. What is written of it, and held against it, is of them all."""
INSTALLED = SHIPPED[:1]
"""Those that run where nobody says otherwise, in the order in which they are served. ``REVCARE_KINDS`` replaces them:
a shop gets a further kind, with its schema and its settings, when it asks for one, and none with a release."""


def load_layer(package: str, layer: str) -> Any:
    """What a kind brings to a layer: ``API`` of its ``api``, ``WORKER`` of its ``worker``.

    Raises:
        LookupError: there is no such package.
    """
    return getattr(_module(package, layer), layer.upper())


def load_storage(package: str) -> Any:
    """What a kind brings to PostgreSQL: its ``KindStorage``.

    Raises:
        LookupError: there is no such package.
    """
    return _module(package, "postgres.storage").STORAGE


def package_of(name: str, packages: Sequence[str] = INSTALLED) -> str:
    """The package of a kind by its name in settings, "vehicle-service".

    Raises:
        LookupError: it is not installed.
    """
    for package in packages:
        if package.rpartition(".")[2].replace("_", "-") == name:
            return package
    raise LookupError(f"no kind {name} is installed, only {', '.join(packages)}")


def _module(package: str, name: str) -> Any:
    try:
        return import_module(f"{package}.{name}")
    except ModuleNotFoundError as absent:
        if absent.name and f"{package}.".startswith(f"{absent.name}."):
            raise LookupError(f"there is no package {package} (REVCARE_KINDS)") from None
        raise
