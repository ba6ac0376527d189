"""The timeline of a booking as a client reads it: moves and notes in one list, by time.

A move is ``m<version>``, a note ``n<id>``. Nobody is named: the parties stand in the booking, with what the reader may
know of them.
"""

from collections.abc import Sequence
from typing import Any

from domain.kind import Json, ViewContext
from kinds.local_services.domain.roles import shown


def timeline(entries: Sequence[Json], context: ViewContext) -> list[Json]:
    """Moves as the engine records them, and the notes that stand beside them."""
    moves = [_move(entry) for entry in entries]
    notes = [note_view(note) for note in context.rows.get("notes", ())]
    return sorted(moves + notes, key=lambda entry: str(entry["created_at"]))  # of one second the moves come first


def _move(entry: Json) -> Json:
    told = {"status": entry["status"], **({"note": entry["note"]} if entry["note"] is not None else {})}
    return {
        **entry,
        "id": f"m{entry['version']}",
        "event_type": entry["action"],
        "metadata": told,
        "by": _by(entry["by"]),
        "created_at": entry["at"],
    }


def note_view(note: Json) -> Json:
    """A note, as its storage found it."""
    return {**note, "id": f"n{note['id']}", "by": _by(note["by"])}


def _by(actor: dict[str, Any]) -> Json:
    return {"id": actor["id"], "role": shown(actor["role"])}
