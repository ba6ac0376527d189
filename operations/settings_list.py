"""Every setting of this machine, where its value is from, and what is wrong with all of them at once."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pydantic.fields import FieldInfo
from temporalio.envconfig import ClientConfig

import startup
from kind_settings import KindSettings, settings_by_kind, variable_of
from production import Part
from setting_types import Group, default_of, variable
from settings import Settings
from workers.pushes import unusable

PARTS: Mapping[str, Part] = {"api": Part.API, "workflows": Part.WORKFLOWS, "activities": Part.ACTIVITIES}
"""The processes of a shop, as an operator names them; what else reads settings needs no others."""

_OURS = ("REVCARE_", "RAZORPAY_", "MAIL_", "FCM_")
_PASSWORD = re.compile(r"(?<=://)([^/:@\s]*):[^/\s]*@|(?i:(?<=[?&]password=)[^&\s]*)")
_TEMPORAL = {"TEMPORAL_ADDRESS": ("target_host", "localhost:7233"), "TEMPORAL_NAMESPACE": ("namespace", "default")}


@dataclass(frozen=True, slots=True)
class Listed:
    """A setting as it may be shown: no secret is. ``source`` is "environment", "default" or a file."""

    name: str
    value: str
    source: str
    default: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the settings behind it are about."""

    text: str


def listing(kinds: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> Iterator[Heading | Listed]:
    """Every setting, a heading for each group. ``kinds``: the package of each installed kind by its name."""
    given = {name.upper(): value for name, value in environment.items() if value}
    for group in _groups(Settings):
        yield from _of_group(group, group.__name__, given)
    yield Heading("Temporal")
    yield from _of_temporal(given)
    for kind, package in kinds.items():
        for group in _of_kind(package):
            yield from _of_group(group, f"{group.__name__} of {kind.replace('_', '-')}", given)
        yield Heading(f"Of {kind.replace('_', '-')}, where it differs from the others")
        for field in KindSettings.model_fields:
            yield _listed(variable_of(kind, field), KindSettings.model_fields[field], given)


def strangers(
    known: Iterable[str], elsewhere: Iterable[str] = (), environment: Mapping[str, str] = os.environ
) -> list[str]:
    """A sentence for each variable that begins as ours do and is no setting. ``elsewhere``: kinds not installed."""
    names, others = set(known), {f"REVCARE_{kind.upper()}_": kind.replace("_", "-") for kind in elsewhere}
    found = sorted(name.upper() for name in environment if name.upper().startswith(_OURS) and name.upper() not in names)
    return [_strange(name, names, others) for name in found]


def faults(
    settings: Settings, unreadable: Sequence[str], kinds: Mapping[str, str], parts: Sequence[Part], *, supplier: bool
) -> list[str]:
    """What keeps these processes from starting, a sentence for each variable; no secret is in one.

    ``kinds``: the package of each kind by its name. ``supplier``: one of them has no supplier of its own.
    """
    of_kinds = [
        each for package in kinds.values() for group in _of_kind(package) for each in startup.faults_of(group, settings)
    ]
    of_pushes = unusable(settings.pushes) if Part.ACTIVITIES in parts else []
    cannot_read = [*unreadable, *of_kinds, *of_pushes]
    found = startup.complaints(settings, *parts, kinds=kinds, supplier=supplier, unreadable=cannot_read)
    if not unreadable:
        try:
            settings_by_kind(kinds, settings)
        except ValueError as shared:
            found.append(str(shared))
    return found


def _groups(of_all: type[Settings]) -> Iterator[type[Group]]:
    for field in of_all.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            yield field.annotation


def _of_kind(package: str) -> Iterator[type[Group]]:
    """The groups that a kind has of its own, those of its ``settings.py``."""
    if find_spec(name := f"{package}.settings") is not None:
        for found in vars(import_module(name)).values():
            if isinstance(found, type) and issubclass(found, Group) and found.__module__ == name:
                yield found


def _of_group(group: type[Group], heading: str, given: Mapping[str, str]) -> Iterator[Heading | Listed]:
    yield Heading(heading)
    for name, field in group.model_fields.items():
        yield _listed(variable(group, name), field, given)


def _listed(name: str, field: FieldInfo, given: Mapping[str, str]) -> Listed:
    default = default_of(field) or "-"
    if name not in given:
        return Listed(name, default, "default", default)
    secret = "SecretStr" in str(field.annotation)
    return Listed(name, "(a secret)" if secret else _shown(given[name]), "environment", default)


def _of_temporal(given: Mapping[str, str]) -> Iterator[Listed]:
    """What Temporal's own environment configuration finds; its keys and certificates are not shown."""
    try:
        found: Mapping[str, Any] = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as fault:
        yield Listed("TEMPORAL_*", f"cannot be read: {next(iter(str(fault).splitlines()), '')}", "file", "-")
        return
    for name, (key, default) in _TEMPORAL.items():
        source = "environment" if name in given else "file" if key in found else "default"
        yield Listed(name, _shown(str(found.get(key, default))), source, default)


def _shown(value: str) -> str:
    return _PASSWORD.sub(lambda found: f"{found[1]}:***@" if found[1] is not None else "***", value)


def _strange(name: str, known: Iterable[str], others: Mapping[str, str]) -> str:
    for beginning, kind in others.items():
        if name.startswith(beginning):
            return f"{name} is of {kind}, which REVCARE_KINDS does not name"
    return f"{name} is no setting{_meant(name, known)}"


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, 1, 0.85)
    return f"; {close[0]} is one" if close else ""
