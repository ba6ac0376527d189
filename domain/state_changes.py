"""What a transition has changed in a booking's state, field by field, as it is kept in the workflow's history.

A replay decides again with the rules of its release. What was decided before is taken from here, whatever these rules
say; where they differ, people are told.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Digests = dict[str, str]
"""Field of the state -> digest of its value."""

_LENGTH = 6


@dataclass(frozen=True, slots=True)
class StateChanges:
    """The fields that a transition has changed, with their new values, and whether it sent e-mails or pushes.

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

    def applied_to(self, digests: Mapping[str, str], digest: Callable[[Any], str] | None = None) -> Digests:
        """The digests of the state after it; exact ones, unless another ``digest`` is given."""
        return {**digests, **{field: (digest or state_digest)(value) for field, value in self.fields.items()}}

    def exactly_in(self, fields: Mapping[str, Any]) -> bool:
        """Whether a state, as fields, has these very values."""
        return all(state_digest(fields.get(field)) == state_digest(value) for field, value in self.fields.items())


def state_changes(
    before: Mapping[str, str], state: bytes, *, emailed: bool, flag: list[str] | None = None
) -> StateChanges:
    """What a state, as JSON, holds otherwise than one with the exact digests ``before``.

    A tax of "0" percent is something else than none: only a field that is gone counts as null.
    """
    fields: dict[str, Any] = orjson.loads(state)
    changed = [field for field, value in fields.items() if before.get(field) != state_digest(value)]
    gone = [field for field, digest in before.items() if field not in fields and digest != state_digest(None)]
    return StateChanges({field: fields.get(field) for field in (*changed, *gone)}, emailed, flag)


def comparable_digests(fields: Mapping[str, Any]) -> Digests:
    """The digests of a state, as fields, by which a replay compares."""
    return {field: comparable_digest(value) for field, value in fields.items()}


def differing_fields(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The fields that are not the same in both, by name, given comparable digests.

    A field that only one of them has, and that is empty there, is the same: so one that a later release adds, with an
    empty default, differs from no state that was recorded before.
    """
    in_one_only = {**one, **other}.keys() - (one.keys() & other.keys())
    differing = [field for field in one.keys() & other.keys() if one[field] != other[field]]
    present = [field for field in in_one_only if {**one, **other}[field] not in _DIGESTS_OF_EMPTY]
    return sorted([*differing, *present])


def state_digest(value: Any) -> str:
    """The digest of exactly this value."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_LENGTH]


def comparable_digest(value: Any) -> str:
    """The digest of a field without what is empty within it (null, 0, "", false, no entry)."""
    return state_digest(_without_empty(value))


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if not _is_empty(item)}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in (0, "") or value == [] or value == {}


_EMPTY: tuple[object, ...] = (None, False, 0, "", "0", [], {})
_DIGESTS_OF_EMPTY = {state_digest(empty) for empty in _EMPTY}
