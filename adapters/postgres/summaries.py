"""Rows of lists as they were stored, and made anew where an earlier release has stored them.

The projection stores a summary of a booking for each role, with the version of the summaries that its release made.
After a release rows of an earlier version are still there, until their bookings move: they are made from the state.
"""

from collections.abc import Mapping
from typing import Any, Generic

import orjson

from adapters.postgres.people_of_booking import SUMMARY
from adapters.postgres.states import reader_of
from domain.kind import B, BookingKind, Json
from domain.views import SUMMARY_VERSION, summary, summary_version

OUTDATED = f"""
    (SELECT json_agg(json_build_object('state', b.state, 'id', b.id, 'name', u.name, 'phone', u.phone))::text
        FROM bookings AS b LEFT JOIN users AS u ON u.id = b.customer_id
        WHERE b.id IN (SELECT {{id}} FROM part)
            AND b.summaries ->> '{SUMMARY_VERSION}' IS DISTINCT FROM :summary_version)
"""  # noqa: S608 - constants of ours
"""What is needed to make the summaries of ``part`` anew that are of another version; NULL if there is none."""


def stored(role: str) -> str:
    """The row of ``b`` for a role, an expression of SQL; of an earlier release that did not know the role, its id."""
    return f"coalesce({SUMMARY.format(role=role)}, jsonb_build_object('id', b.id))"


class Summaries(Generic[B]):
    """What this release makes of the bookings of one kind for lists."""

    def __init__(self, kind: BookingKind[B]) -> None:
        self._kind = kind
        self._state = reader_of(kind.state)
        self.version = summary_version(kind)

    def renewed(self, rows: str, outdated: str | None, role: str, besides: tuple[str, ...] = ()) -> str:
        """The rows as they are to be answered; ``besides`` are fields that the list has beside the summary."""
        if outdated is None:
            return rows
        made = {found["id"]: self._made(found, role) for found in orjson.loads(outdated)}
        listed = [
            {**made[row["id"]], **{name: row[name] for name in besides if name in row}} if row["id"] in made else row
            for row in orjson.loads(rows)
        ]
        return orjson.dumps(listed).decode()

    def _made(self, found: Mapping[str, Any], role: str) -> Json:
        row = summary(self._kind, self._state.validate_json(orjson.dumps(found["state"])), role)
        if customer := row.get("customer"):
            phone = {"phone": found["phone"]} if "phone" in customer and found["phone"] else {}
            row["customer"] = {"id": customer["id"], "name": found["name"] or customer["id"], **phone}
        return row
