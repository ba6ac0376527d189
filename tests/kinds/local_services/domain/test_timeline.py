"""The timeline as clients read it."""

from typing import Any

from domain.kind import ViewContext
from kinds.local_services.domain.timeline import timeline


def move(version: int, action: str, second: int, role: str = "SERVICE_PROVIDER") -> dict[str, Any]:
    by = {"id": "USR000009", "role": role, "name": "Ravi Kumar"}
    at = f"2026-12-10T03:30:{second:02}Z"
    return {"version": version, "status": "ACCEPTED", "action": action, "by": by, "at": at, "note": None}


def note(number: int, event_type: str, second: int) -> dict[str, Any]:
    by = {"id": "USR000009", "role": "SERVICE_PROVIDER"}
    at = f"2026-12-10T03:30:{second:02}Z"
    return {"id": number, "event_type": event_type, "metadata": {"text": "hello"}, "by": by, "created_at": at}


def test_moves_and_notes_are_one_list_by_time_with_ids_that_tell_them_apart():
    notes = [note(5, "on-the-way", 1), note(6, "arrived", 9)]
    shown = timeline([move(2, "accept", 0), move(3, "start", 7)], ViewContext("", rows={"notes": notes}))
    assert [(each["id"], each["event_type"]) for each in shown] == [
        ("m2", "accept"),
        ("n5", "on-the-way"),
        ("m3", "start"),
        ("n6", "arrived"),
    ]
    assert shown[0]["metadata"] == {"status": "ACCEPTED"}
    assert shown[1]["metadata"] == {"text": "hello"}


def test_nobody_is_named_and_an_admin_is_called_as_on_the_wire():
    [shown] = timeline([move(4, "cancel", 3, role="admin")], ViewContext(""))
    assert shown["by"] == {"id": "USR000009", "role": "ADMIN"}
