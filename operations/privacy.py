"""What is held of people, as a page for people: from the list that erasing and exporting walk."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.mongo.personal_data import COLLECTIONS
from adapters.personal_data import ELSEWHERE, Held
from adapters.postgres.kind import KindStorage
from adapters.postgres.people.personal_data import PEOPLE
from adapters.postgres.personal_data import ENGINE

_HEAD = ("what they hold", "when the person leaves", "in an export")


def privacy_text(storages: Iterable[KindStorage[Any]]) -> str:
    """Tables (Markdown) of the engine's tables, those of people, each kind's own, the collections, and elsewhere."""
    tables = [("The engine's tables, in `public`", ENGINE), ("Tables of people, in the schema of each kind", PEOPLE)]
    tables += [(f"Tables of `{storage.schema}` alone", storage.personal_data) for storage in storages]
    lines = [line for heading, held in tables for line in _tables(heading, held)]
    return "\n".join([*lines, *_collections(), *_elsewhere()])


def _tables(heading: str, held: Mapping[str, Held]) -> Iterator[str]:
    yield from _head(heading, "table, columns", *_HEAD)
    for name, each in sorted(held.items()):
        if each.personal:
            told = "yes" if each.exported else f"no: {each.left_out}"
            yield f"| `{name}`: {_listed(each.personal)} | {each.what} | {each.leaving} | {told} |"
    plain = (f"`{name}` ({_listed(each.plain)})" for name, each in sorted(held.items()) if each.plain)
    yield from ("", f"Of nobody, by table: {', '.join(plain)}; and all numbers, times and marks.")


def _collections() -> Iterator[str]:
    yield from _head("Collections in MongoDB", "collection, fields", *_HEAD)
    for name, each in sorted(COLLECTIONS.items()):
        told = "yes" if each.exported else "no: it names admins"
        yield f"| `{name}`: {_listed(each.personal)} | {each.what} | {each.leaving} | {told} |"
    plain = (f"`{name}` ({_listed(each.plain)})" for name, each in sorted(COLLECTIONS.items()))
    yield from ("", f"Of nobody, by collection: {', '.join(plain)}.")


def _elsewhere() -> Iterator[str]:
    yield from _head("Elsewhere", "where", "what", "until")
    yield from (f"| {each.where} | {each.what} | {each.until} |" for each in ELSEWHERE)
    yield from ("", "Nothing is erased there when somebody leaves.")


def _head(heading: str, *columns: str) -> Iterator[str]:
    yield from ("", f"## {heading}", "", f"| {' | '.join(columns)} |", "|" + "---|" * len(columns))


def _listed(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split())
