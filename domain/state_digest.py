"""Digests of a booking's state, one for each field: whether two releases decide the same can be told from them.

``project`` returns those that have changed, so they stand in history; a replay compares them with what today's rules
make of the same commands.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Digests = dict[str, str]
"""Field of the state -> digest of its value."""

_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Doubt:
    """The first version that this release decides otherwise than it was decided, and the fields that differ."""

    version: int
    fields: list[str]


def state_digests(state: bytes) -> Digests:
    """The digests of a state as JSON. What is empty (null, 0, "", false, no entry) does not count.

    So a field that a later release adds, with an empty default, changes no digest that was recorded before.
    """
    facts = _without_empty(json.loads(state))
    return {field: _digest(value) for field, value in facts.items() if not _is_empty(value)}


def changed_digests(before: Mapping[str, str], after: Mapping[str, str]) -> Digests:
    """What ``after`` says otherwise than ``before``; a field that has become empty is there with an empty text."""
    return {field: after.get(field, "") for field in differing_fields(before, after)}


def apply_changes(before: Mapping[str, str], changed: Mapping[str, str]) -> Digests:
    """``before`` with the changes that ``changed_digests`` has found."""
    return {field: digest for field, digest in {**before, **changed}.items() if digest}


def differing_fields(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The fields that are not the same in both, by name."""
    return sorted(field for field in {**one, **other} if one.get(field) != other.get(field))


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_LENGTH]


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if not _is_empty(item)}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in (0, "", "0") or value == [] or value == {}
