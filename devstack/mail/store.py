"""Mails as they came, in one SQLite file. What the API shows of one is made once, when somebody first asks for it: most
are never looked at, and to take a mail apart costs more than to take it."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    raw BLOB NOT NULL,
    shown TEXT NOT NULL
)
"""

_POLICY = policy.default.clone(header_factory=lru_cache(maxsize=1000)(policy.default.header_factory))
"""A header is taken apart once: the library does it at each look, some fifty times for a mail."""


class Store:
    """Every mail since the last `DELETE /messages`, oldest first."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode = wal")
        self._base.execute("PRAGMA synchronous = off")
        self._base.execute(_SCHEMA)
        self._received: defaultdict[str, list[int]] = defaultdict(list)
        for number, shown in self._base.execute("SELECT id, shown FROM mails ORDER BY id"):
            self._note(number, json.loads(shown)["to"])

    def add(self, sender: str, recipients: list[str], raw: bytes, received_at: datetime) -> None:
        """Keep a mail; it outlives a kill when this returns, so the SMTP answer may say so."""
        came = json.dumps({"from": sender, "to": recipients, "received_at": received_at.isoformat()})
        made = self._base.execute("INSERT INTO mails (raw, shown) VALUES (?, ?)", (raw, came))
        self._note(made.lastrowid or 0, recipients)

    def _note(self, number: int, recipients: Iterable[str]) -> None:
        """Who has which mails: tests ask again and again for those of one person among thousands."""
        for address in {each.casefold() for each in recipients}:
            self._received[address].append(number)

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """All mails, or those to one address, newest last."""
        if to:
            numbers = self._received.get(to.strip().casefold(), [])
            return [mail for number in list(numbers) if (mail := self.message(number))]
        rows = self._base.execute("SELECT id, shown FROM mails ORDER BY id").fetchall()
        return [self._described(number, json.loads(shown)) for number, shown in rows]

    def message(self, number: int) -> dict[str, Any] | None:
        row = self._base.execute("SELECT shown FROM mails WHERE id = ?", (number,)).fetchone()
        return self._described(number, json.loads(row[0])) if row else None

    def _described(self, number: int, shown: dict[str, Any]) -> dict[str, Any]:
        if "headers" not in shown and (raw := self.raw(number)) is not None:
            received_at = datetime.fromisoformat(shown["received_at"])
            shown = describe(raw, shown["from"], shown["to"], received_at)
            self._base.execute("UPDATE mails SET shown = ? WHERE id = ?", (json.dumps(shown), number))
        return {"id": str(number), **shown}

    def raw(self, number: int) -> bytes | None:
        row = self._base.execute("SELECT raw FROM mails WHERE id = ?", (number,)).fetchone()
        return row[0] if row else None

    def attachment(self, number: int, filename: str) -> tuple[str, bytes] | None:
        """Content type and bytes of one attachment."""
        raw = self.raw(number)
        for name, part in _attachments(_parse(raw)) if raw else []:
            if name == filename:
                return part.get_content_type(), _content(part)
        return None

    def clear(self) -> None:
        self._base.execute("DELETE FROM mails")
        self._received.clear()

    def close(self) -> None:
        self._base.close()


def describe(raw: bytes, sender: str, recipients: list[str], received_at: datetime) -> dict[str, Any]:
    """A mail as the API shows it."""
    mail = _parse(raw)
    return {
        "from": parseaddr(str(mail.get("From", "")))[1] or sender,
        "to": recipients,
        "subject": str(mail.get("Subject", "")),
        "text": _body(mail, "plain"),
        "html": _body(mail, "html"),
        "headers": {name: str(value) for name, value in mail.items()},
        "attachments": [
            {"filename": name, "content_type": part.get_content_type(), "size": len(_content(part))}
            for name, part in _attachments(mail)
        ],
        "received_at": received_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _parse(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=_POLICY)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    return _content(part).decode(part.get_content_charset("utf-8"), "replace") if part else None


def _attachments(mail: EmailMessage) -> list[tuple[str, EmailMessage]]:
    found = [part for part in mail.walk() if part.get_content_disposition() == "attachment"]
    return [
        (part.get_filename() or f"attachment-{position}", part)
        for position, part in enumerate(found, 1)
        if isinstance(part, EmailMessage)
    ]


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()
