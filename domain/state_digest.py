"""A digest of a booking's state: whether two releases decide the same can be told from it.

``project`` returns it, so it stands in history; a replay compares it with what today's rules make of the same commands.
"""

import hashlib
import json
from typing import Any

_LENGTH = 16


def state_digest(state: bytes) -> str:
    """The digest of a state as JSON. What is empty (null, 0, "", false, no entry) does not count.

    So a field that a later release adds, with an empty default, changes no digest that was recorded before.
    """
    facts = _without_empty(json.loads(state))
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
