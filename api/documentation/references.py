"""Pointers within the document."""

from typing import Any


def template(kind: str) -> str:
    """Where the parts of a kind are, with a place for the name."""
    return f"#/components/{kind}/{{model}}"


def reference(kind: str, name: str) -> dict[str, Any]:
    """A pointer to a shared part."""
    return {"$ref": template(kind).format(model=name)}


def named(pointer: str) -> str:
    """The name that a pointer ends with."""
    return pointer.rpartition("/")[2]
