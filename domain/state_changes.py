"""What a transition has changed in a booking's state, field by field, as it is kept in the workflow's history.

A replay decides again with the rules of its release. What was decided before is taken from here, whatever these rules
say; where they differ, people are told.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Digests = dict[str, str]
"""Field of the state -> digest of its value; fields that are empty have none."""

_LENGTH = 6


@dataclass(frozen=True, slots=True)
class StateChanges:
    """The fields that a transition has changed, with their new values, and whether it sent e-mails.

    ``flag``: key and note of an alert that the transition took along, for its rule alone would not raise it again.
    """

    fields: dict[str, Any]
    emailed: bool
    flag: list[str] | None = None

    def packed(self) -> bytes:
        """As it stands in history."""
        return zlib.compress(json.dumps([self.fields, self.emailed, self.flag], separators=(",", ":")).encode())

    @classmethod
    def unpacked(cls, packed: bytes) -> "StateChanges":
        """From history."""
        return cls(*json.loads(zlib.decompress(packed)))

    def applied_to(self, digests: Mapping[str, str]) -> Digests:
        """The digests of the state after it."""
        changed = {field: state_digest(value) for field, value in self.fields.items()}
        return {field: digest for field, digest in {**digests, **changed}.items() if digest}


def state_changes(
    before: Mapping[str, str], state: bytes, *, emailed: bool, flag: list[str] | None = None
) -> StateChanges:
    """What a state, as JSON, holds otherwise than one with the digests ``before``."""
    fields: dict[str, Any] = json.loads(state)
    after = {field: state_digest(value) for field, value in fields.items()}
    changed = [field for field in {**before, **after} if before.get(field, "") != after.get(field, "")]
    return StateChanges({field: fields.get(field) for field in changed}, emailed, flag)


def state_digests(state: bytes) -> Digests:
    """The digests of a state as JSON."""
    return {field: digest for field, value in json.loads(state).items() if (digest := state_digest(value))}


def differing_fields(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The fields that are not the same in both, by name."""
    return sorted(field for field in {**one, **other} if one.get(field) != other.get(field))


def state_digest(value: Any) -> str:
    """The digest of a field; no text for one that is empty (null, 0, "", false, no entry).

    So a field that a later release adds, with an empty default, differs from no state that was recorded before.
    """
    facts = _without_empty(value)
    if _is_empty(facts):
        return ""
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
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
