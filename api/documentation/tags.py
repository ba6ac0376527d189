"""The tags of the OpenAPI document."""

from collections.abc import Mapping


def tags(chapters: Mapping[str, str], used: set[str]) -> list[dict[str, str]]:
    """The chapters that have a page, in the kind's order."""
    return [{"name": name, "description": text} for name, text in chapters.items() if name in used]
