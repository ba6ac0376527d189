"""Removes what client generators cannot use: titles that repeat names, empty keywords, unused components."""

import json
import re
from collections.abc import Mapping
from typing import Any

from api.documentation.references import named

Json = dict[str, Any]

_OPAQUE = ("example", "examples", "default", "const", "enum")
"""What is under these is data, not schema."""
_FORM = re.compile(r'(#/components/schemas/|")Body_(\w+?)"')
_SCHEMA = re.compile(r'("#/components/schemas/)(\w+)"')


def tidied(document: Json, published: Mapping[str, str]) -> Json:
    """The same document without them; ``published``: the name of a schema whose class is called otherwise."""
    document |= {part: _plain(document[part]) for part in ("paths", "components")}
    document = json.loads(_FORM.sub(_form_name, json.dumps(document)))
    document = _renamed(document, published)
    _drop_what_nobody_points_to(document)
    return document


def never_null(parameter: Json) -> Json:
    """A parameter is there or not; there is no way to send null in an address or a header."""
    options = parameter["schema"].get("anyOf", [])
    real = [option for option in options if option.get("type") != "null"]
    if len(real) != 1:
        return parameter
    others = {word: value for word, value in parameter["schema"].items() if word != "anyOf"}
    return {**parameter, "schema": {**others, **real[0]}}


def _plain(node: Any, *, names: bool = False) -> Any:
    """``names``: the keys of this object are names of fields, none of them is a keyword."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if isinstance(node, dict):
        return {word: _value(word, each, names=names) for word, each in node.items() if names or _tells(word, each)}
    return node


def _value(word: str, value: Any, *, names: bool) -> Any:
    if names:
        return _plain(value)
    if word in _OPAQUE:
        return value
    if word == "description":
        return value.replace("``", "`")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _plain(value, names=word in ("properties", "$defs"))


def _tells(word: str, value: Any) -> bool:
    """Titles are the names again. That more fields may come goes without saying, and would spoil generated types."""
    return word != "title" and (word, value) != ("additionalProperties", True)


def _form_name(found: re.Match[str]) -> str:
    """``Body_auth_login`` becomes ``AuthLoginForm``."""
    return f'{found[1]}{"".join(part.title() for part in found[2].split("_"))}Form"'


def _renamed(document: Json, names: Mapping[str, str]) -> Json:
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    text = _SCHEMA.sub(lambda found: f'{found[1]}{names.get(found[2], found[2])}"', json.dumps(document))
    renamed: Json = json.loads(text)
    return renamed


def _drop_what_nobody_points_to(document: Json) -> None:
    shared = document["components"]
    while unused := _unused(document):
        for kind, name in unused:
            del shared[kind][name]
    shared["schemas"] = dict(sorted(shared["schemas"].items()))


def _unused(document: Json) -> list[tuple[str, str]]:
    used = {(found[0], named(found[1])) for found in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(document))}
    kinds = ("schemas", "responses", "headers")
    return [(kind, name) for kind in kinds for name in document["components"][kind] if (kind, name) not in used]
