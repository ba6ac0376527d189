"""How long the rows of every table are kept, as a page for people."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.postgres.kind import KindStorage
from adapters.postgres.retention import ENGINE, PEOPLE, Rule


def retention_text(storages: Iterable[KindStorage[Any]]) -> str:
    """A table of rules (Markdown) for the engine, for people, and for each kind's own tables."""
    tables = [("The engine's, in `public`", ENGINE), ("People, in the schema of each kind", PEOPLE)]
    tables += [(f"Of `{storage.schema}` alone", storage.retention) for storage in storages]
    return "\n".join(line for heading, rules in tables for line in _table(heading, rules))


def _table(heading: str, rules: Mapping[str, Rule]) -> Iterator[str]:
    by_words: dict[str, list[str]] = {}
    for table, rule in rules.items():
        by_words.setdefault(rule.words, []).append(f"`{table}`")
    yield from ("", f"### {heading}", "", "| table | its rows are kept |", "|---|---|")
    yield from (f"| {', '.join(names)} | {words} |" for words, names in by_words.items())
