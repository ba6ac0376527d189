"""Search attributes of a booking as the Temporal SDK types them."""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from domain.temporal_ui import SEARCH_ATTRIBUTES, Value

_MAKE: dict[str, Any] = {
    "Keyword": SearchAttributeKey.for_keyword,
    "Datetime": SearchAttributeKey.for_datetime,
    "Int": SearchAttributeKey.for_int,
    "Bool": SearchAttributeKey.for_bool,
}
KEYS: dict[str, SearchAttributeKey[Any]] = {name: _MAKE[kind](name) for name, kind in SEARCH_ATTRIBUTES.items()}


def search_attributes(values: dict[str, Value]) -> TypedSearchAttributes:
    """All attributes, for the start of a workflow."""
    return TypedSearchAttributes([SearchAttributePair(KEYS[name], value) for name, value in values.items()])


def changes(published: dict[str, Value], wanted: dict[str, Value]) -> list[SearchAttributeUpdate[Any]]:
    """Updates from the published values to the wanted ones; empty when none differs."""
    updates = [KEYS[name].value_set(value) for name, value in wanted.items() if published.get(name) != value]
    return updates + [KEYS[name].value_unset() for name in published if name not in wanted]
