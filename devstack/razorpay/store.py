"""Everything the sandbox knows: dictionaries in memory, written through to one SQLite file.

Reading never touches the file; a commit writes what changed since the last one. What was handed to
the operating system outlives a killed process, which is all that is asked of it (a power cut is another matter).
"""

import json
import sqlite3
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS docs (
    kind TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID
"""

INDEXED = {
    "order": ("receipt",),
    "payment": ("order_id",),
    "refund": ("payment_id",),
    "dispute": ("payment_id",),
    "transfer": ("source",),
    "reversal": ("transfer_id",),
    "link": ("order_id",),
}
"""Fields by which documents are looked up; they never change once a document is stored."""


class Store:
    """Documents by kind and id, in the order in which they came."""

    def __init__(self, path: str | None) -> None:
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("PRAGMA busy_timeout=5000")
        self._file.execute(_SCHEMA)
        self._docs: dict[str, dict[str, Doc]] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._index: dict[tuple[str, str, Any], list[Doc]] = {}
        self._changed: dict[tuple[str, str], Doc | None] = {}
        self._next = 0
        for kind, key, place, body in self._file.execute("SELECT kind, id, place, body FROM docs ORDER BY place"):
            self._keep(kind, key, place, json.loads(body))

    def put(self, kind: str, key: str, doc: Doc) -> Doc:
        """Remember a new or changed document; it is safe after the next commit."""
        if (kind, key) not in self._places:
            self._keep(kind, key, self._next, doc)
        self._docs[kind][key] = doc
        self._changed[kind, key] = doc
        return doc

    def drop(self, kind: str, key: str) -> None:
        """Forget a document of a kind that is not looked up by field."""
        if self._docs.get(kind, {}).pop(key, None) is not None:
            del self._places[kind, key]
            self._changed[kind, key] = None

    def get(self, kind: str, key: str) -> Doc | None:
        """One document; changing it needs a ``put``."""
        return self._docs.get(kind, {}).get(key)

    def all(self, kind: str) -> list[Doc]:
        """Every document of a kind, oldest first."""
        return list(self._docs.get(kind, {}).values())

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return len(self._docs.get(kind, {}))

    def by(self, kind: str, field: str, value: Any) -> list[Doc]:
        """Documents with that value in an indexed field, oldest first."""
        return list(self._index.get((kind, field, value), ()))

    def commit(self) -> None:
        """Write what changed, all or nothing."""
        if not self._changed:
            return
        self._file.execute("BEGIN")
        for (kind, key), doc in self._changed.items():
            if doc is None:
                self._file.execute("DELETE FROM docs WHERE kind = ? AND id = ?", (kind, key))
            else:
                row = (kind, key, self._places[kind, key], json.dumps(doc, separators=(",", ":")))
                self._file.execute("INSERT OR REPLACE INTO docs VALUES (?, ?, ?, ?)", row)
        self._file.execute("COMMIT")
        self._changed.clear()

    def clear(self) -> None:
        """Forget everything."""
        for remembered in (self._docs, self._places, self._index, self._changed):
            remembered.clear()
        self._file.execute("DELETE FROM docs")

    def close(self) -> None:
        """Write what is left and let the file go."""
        self.commit()
        self._file.close()

    def _keep(self, kind: str, key: str, place: int, doc: Doc) -> None:
        self._docs.setdefault(kind, {})[key] = doc
        self._places[kind, key] = place
        self._next = max(self._next, place) + 1
        for field in INDEXED.get(kind, ()):
            self._index.setdefault((kind, field, doc.get(field)), []).append(doc)


def public(doc: Doc) -> Doc:
    """A document as the API shows it: without our private fields, and with empty notes as the list they become."""
    shown = {key: value for key, value in doc.items() if not key.startswith("_")}
    if "notes" in shown and not shown["notes"]:
        shown["notes"] = []
    return shown
