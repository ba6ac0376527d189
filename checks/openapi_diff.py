"""What a client of an older OpenAPI document can no longer rely on."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_LOWER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_HIGHER = ("minLength", "minimum", "exclusiveMinimum", "minItems")


def narrowed(old: Json, new: Json) -> Iterator[str]:
    """A line for each thing that was removed or narrowed from ``old`` to ``new``."""
    for path, operations in old["paths"].items():
        for method in _METHODS:
            if method in operations:
                name = f"{method.upper()} {path}"
                if method not in new["paths"].get(path, {}):
                    yield f"{name}: removed"
                else:
                    yield from _Comparison(old, new, name).operation(operations[method], new["paths"][path][method])
    for name in old.get("components", {}).get("schemas", {}):
        if name not in new.get("components", {}).get("schemas", {}):
            yield f"schema {name}: removed"


class _Comparison:
    """One operation in both documents."""

    def __init__(self, old: Json, new: Json, name: str) -> None:
        self._old, self._new, self._name = old, new, name
        self._compared: set[tuple[str, str, bool]] = set()

    def operation(self, old: Json, new: Json) -> Iterator[str]:
        yield from self._parameters(old.get("parameters", []), new.get("parameters", []))
        before, after = old.get("requestBody", {}), new.get("requestBody", {})
        if after.get("required") and not before.get("required"):
            yield f"{self._name}: a body is required"
        yield from self._contents("request", before.get("content", {}), after.get("content", {}), sent=True)
        for status, response in old.get("responses", {}).items():
            if status not in new.get("responses", {}):
                yield f"{self._name}: status {status} removed"
            else:
                later = new["responses"][status]
                yield from self._contents(status, response.get("content", {}), later.get("content", {}), sent=False)

    def _parameters(self, old: list[Json], new: list[Json]) -> Iterator[str]:
        before = {(each["in"], each["name"].lower()): each for each in old}
        after = {(each["in"], each["name"].lower()): each for each in new}
        for (place, name), each in before.items():
            if (place, name) not in after:
                yield f"{self._name}: {place} parameter {name} removed"
            else:
                later = after[place, name].get("schema", {})
                yield from self._schema(f"{place} parameter {name}", each.get("schema", {}), later, sent=True)
        for (place, name), each in after.items():
            if each.get("required") and not before.get((place, name), {}).get("required"):
                yield f"{self._name}: {place} parameter {name} is required"

    def _contents(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        for media, content in old.items():
            if media not in new:
                yield f"{self._name}: {where}: {media} removed"
            else:
                yield from self._schema(where, content.get("schema", {}), new[media].get("schema", {}), sent=sent)

    def _schema(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        """``sent``: the client sends it, so it must not have to send more; else it must not get less."""
        if "$ref" in old and "$ref" in new:
            if (pair := (old["$ref"], new["$ref"], sent)) in self._compared:
                return
            self._compared.add(pair)
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        if old.get("type") != new.get("type"):
            yield f"{self._name}: {where}: type {old.get('type')} is {new.get('type')}"
            return
        if removed := [str(value) for value in old.get("enum", []) if sent and value not in new.get("enum", [value])]:
            yield f"{self._name}: {where}: values removed: {', '.join(removed)}"
        if sent:
            yield from self._limits(where, old, new)
        yield from self._properties(where, old, new, sent=sent)
        if isinstance(old.get("items"), Mapping):
            yield from self._schema(f"{where}[]", old["items"], new.get("items", {}), sent=sent)
        for word in ("anyOf", "oneOf", "allOf"):
            yield from self._choices(where, old.get(word, []), new.get(word, []), sent=sent)

    def _properties(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{self._name}: {where}.{name} removed"
            else:
                yield from self._schema(f"{where}.{name}", schema, after[name], sent=sent)
        must_before, must_after = set(old.get("required", [])), set(new.get("required", []))
        if sent:
            yield from (f"{self._name}: {where}.{name} is required" for name in sorted(must_after - must_before))
        else:
            kept = sorted((must_before - must_after) & set(after))
            yield from (f"{self._name}: {where}.{name} may be missing" for name in kept)

    def _limits(self, where: str, old: Json, new: Json) -> Iterator[str]:
        for word in (*_LOWER, *_HIGHER):
            before, after = old.get(word), new.get(word)
            if after is not None and (before is None or (after < before if word in _LOWER else after > before)):
                yield f"{self._name}: {where}: {word} {before} is {after}"
        if new.get("pattern") is not None and new.get("pattern") != old.get("pattern"):
            yield f"{self._name}: {where}: pattern {old.get('pattern')} is {new['pattern']}"

    def _choices(self, where: str, old: list[Json], new: list[Json], *, sent: bool) -> Iterator[str]:
        if sent and len(new) < len(old):
            yield f"{self._name}: {where}: {len(old)} alternatives are {len(new)}"
        for before, after in zip(old, new, strict=False):
            yield from self._schema(where, before, after, sent=sent)


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema
