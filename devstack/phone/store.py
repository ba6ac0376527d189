"""Text messages, pushes and the states of device tokens, in one SQLite file."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, text TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    received_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS pushes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, message TEXT NOT NULL, status INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, state TEXT NOT NULL);
"""


class TokenState(StrEnum):
    """What becomes of a push to a token. ``invalid`` was never one; ``denied``: the sender may not write to it."""

    OK = "ok"
    UNREGISTERED = "unregistered"
    INVALID = "invalid"
    BUSY = "busy"
    DENIED = "denied"


class Store:
    """What came since the stack was made, oldest first."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.row_factory = sqlite3.Row
        self._base.execute("PRAGMA journal_mode = wal")
        self._base.execute("PRAGMA synchronous = off")  # outlives a kill; a power cut is another matter
        self._base.executescript(_SCHEMA)

    def add_message(self, to: str, text: str, key: str) -> dict[str, Any]:
        """Keep a text message; one whose key came before is that one."""
        self._base.execute(
            "INSERT INTO messages (receiver, text, key, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (to, text, key, _now()),
        )
        return _message(self._base.execute("SELECT * FROM messages WHERE key = ?", (key,)).fetchone())

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """All text messages, or those to one number, newest last."""
        found = map(_message, self._base.execute("SELECT * FROM messages ORDER BY id"))
        return [message for message in found if to is None or message["to"] == to]

    def add_push(self, token: str, message: Mapping[str, Any], status: int) -> int:
        """Keep a push with the HTTP status that it was answered with, also a refused one; answers its number."""
        row = (token, json.dumps(message), status, _now())
        return (
            self._base.execute("INSERT INTO pushes (token, message, status, at) VALUES (?, ?, ?, ?)", row).lastrowid
            or 0
        )

    def pushes(self, token: str | None = None) -> list[dict[str, Any]]:
        """All pushes, or those to one token, newest last."""
        found = map(_push, self._base.execute("SELECT * FROM pushes ORDER BY id"))
        return [push for push in found if token is None or push["token"] == token]

    def set_state(self, token: str, state: TokenState) -> None:
        """From now on pushes to this token are answered so."""
        self._base.execute("INSERT OR REPLACE INTO tokens (token, state) VALUES (?, ?)", (token, state))

    def state(self, token: str) -> TokenState:
        """How pushes to a token are answered; one that nobody named takes them."""
        row = self._base.execute("SELECT state FROM tokens WHERE token = ?", (token,)).fetchone()
        return TokenState(row["state"]) if row else TokenState.OK

    def close(self) -> None:
        self._base.close()


def _message(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "to": row["receiver"],
        "text": row["text"],
        "key": row["key"],
        "received_at": row["received_at"],
    }


def _push(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "token": row["token"],
        "message": json.loads(row["message"]),
        "status": row["status"],
        "at": row["at"],
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
