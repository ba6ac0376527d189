"""What every process does before it opens anything: read all settings, judge them, say in one line what is wrong."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from pydantic import ValidationError

from production import Part, mistakes
from setting_types import Group, variable
from settings import Settings


class Refused(ValueError):
    """The settings with which a process does not start: one line, in which each variable is named."""


def read() -> tuple[Settings, list[str]]:
    """The settings, and what cannot be read of them; in its place is the default, so that the rest can be judged."""
    groups: dict[str, Any] = {}
    unreadable: list[str] = []
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            groups[name] = _read(field.annotation, unreadable)
    return Settings.model_construct(**groups) if unreadable else Settings(**groups), unreadable


def judge(
    settings: Settings,
    *parts: Part,
    kinds: Iterable[str] = (),
    supplier: bool = False,
    unreadable: Iterable[str] = (),
    policies: Iterable[Callable[[], Any]] = (),
) -> None:
    """Nothing is left to complain of.

    ``supplier``: one of these kinds has no supplier of its own. ``policies``: each reads the settings of a kind.

    Raises:
        Refused: what has to be set, and what is not taken.
    """
    cannot_read = [*unreadable, *(each for policy in policies for each in faults_of(policy, settings))]
    if found := complaints(settings, *parts, kinds=kinds, supplier=supplier, unreadable=cannot_read):
        name, where = " and ".join(parts), settings.process.environment
        raise Refused(f"{name} cannot start in {where}: {'; '.join(found)}")


def complaints(
    settings: Settings, *parts: Part, kinds: Iterable[str], supplier: bool, unreadable: Iterable[str]
) -> list[str]:
    """What is wrong for these parts, a sentence for each variable."""
    found = list(unreadable)
    named = {each.replace(":", " ").partition(" ")[0] for each in found}
    found += [
        each for each in mistakes(settings, parts, kinds, supplier=supplier) if each.partition(" ")[0] not in named
    ]
    return found


def faults_of(policy: Callable[[], Any], settings: Settings) -> list[str]:
    """A sentence for each variable of a kind's own settings that cannot be read, or that production does not take."""
    if not (isinstance(policy, type) and issubclass(policy, Group)):
        policy()
        return []
    found: list[str] = []
    own = _read(policy, found)
    if settings.process.environment == "production":
        named = {each.partition(":")[0] for each in found}
        found += [each for each in own.lacking() if each.partition(" ")[0] not in named]
    return found


def leave(refused: Exception) -> NoReturn:
    """End the process with one line about it."""
    print(" ".join(str(refused).split()), file=sys.stderr, flush=True)
    raise SystemExit(1)


def _read(group: type[Group], unreadable: list[str]) -> Group:
    """The group; what cannot be read of it is noted and left at its default."""
    try:
        return group()
    except ValidationError as refusal:
        first = refusal
    unreadable += _told(first, group)
    faulty = [str(each["loc"][0]) for each in first.errors() if each["loc"]]
    defaults = {name: _field(group, name)[1] for name in faulty}
    if defaults:
        try:
            return group(**defaults)
        except ValidationError as refusal:
            unreadable += _told(refusal, group)
    # Fields that do not go together: each is taken as it was written.
    written = {name: os.environ.get(variable(group, name)) for name in group.model_fields}
    return group.model_construct(None, **{name: value for name, value in written.items() if value})


def _told(refusal: ValidationError, group: type[Group] | None) -> list[str]:
    """A sentence for each variable; what it held is not repeated, for it may be a secret."""
    told = []
    for each in refusal.errors(include_url=False, include_input=False, include_context=False):
        said = each["msg"].removeprefix("Value error, ")
        place = str(each["loc"][0]) if each["loc"] else ""
        name = variable(group, _field(group, place)[0]) if group and place else place
        told.append(f"{name}: {said}" if name else said)
    return told


def _field(group: type[Group], place: str) -> tuple[str, Any]:
    """A field by its name or its alias, and its default."""
    for name, field in group.model_fields.items():
        if place in (name, field.validation_alias) or place.upper() == variable(group, name):
            return name, field.default
    raise LookupError(f"{group.__name__} has no field {place}")
