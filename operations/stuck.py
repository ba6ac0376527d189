"""Bookings that do not go on by themselves: without a workflow, with one that fails, or waiting for an admin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import text

from adapters.postgres.database import Pools
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.states import reader_of
from domain.attention import reasons_for_attention, waiting_for
from domain.kind import BookingKind

SHOWN = 50
_SINCE = "to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"') AS since, count(*) OVER () AS many"
_PROBLEMS = text(
    "SELECT kind, booking_id, problem AS how, detail AS why, NULL AS state,"  # noqa: S608 - ours
    f" {_SINCE} FROM workflow_problems ORDER BY workflow_problems.since, booking_id LIMIT :shown"
)
_ATTENTION = text(
    "SELECT kind, id AS booking_id, status AS how, action_required AS why, state::text AS state,"  # noqa: S608 - ours
    f" {_SINCE} FROM bookings WHERE needs_attention ORDER BY bookings.since, id LIMIT :shown"
)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Bookings that are stuck for one reason: how many, and the oldest of them, each in a line."""

    reason: str
    many: int
    oldest: tuple[str, ...]


async def stuck(pools: Pools, kinds: Iterable[BookingKind[Any]]) -> list[Stuck]:
    """What the last look of the recovery found, and what admins are asked to do, with the reasons; as the rows have it.

    A booking that is of none of ``kinds`` tells no more than its row.
    """
    found, by_name = [], {kind.name: kind for kind in kinds}
    async with pools.of(PUBLIC).read.connect() as connection:
        for reason, query in (("without a workflow that works", _PROBLEMS), ("waiting for an admin", _ATTENTION)):
            rows = (await connection.execute(query, {"shown": SHOWN})).all()
            lines = tuple(
                f"{row.kind.replace('_', '-')} {row.booking_id}: {row.how} since {row.since}, {_why(row, by_name)}"
                for row in rows
            )
            found.append(Stuck(reason, rows[0].many if rows else 0, lines))
    return found


def stuck_text(found: Sequence[Stuck]) -> str:
    """A line for each reason, and one for each booking that is shown."""
    return "\n".join(line for each in found for line in _lines(each))


def _why(row: Any, kinds: Mapping[str, BookingKind[Any]]) -> str:
    kind = kinds.get(row.kind)
    if kind is None or row.state is None:
        return str(row.why)
    try:
        booking = reader_of(kind.state).validate_json(row.state)
    except ValidationError:  # of another release: it is listed nevertheless
        return str(row.why)
    if reasons := reasons_for_attention(kind, booking):
        return f"{row.why}: {'; '.join(reasons)}"
    waiting = waiting_for(kind, booking)
    return f"{row.why}: waits for the {waiting.who} {waiting.what}" if waiting else str(row.why)


def _lines(found: Stuck) -> Iterator[str]:
    yield f"{found.many or 'no'} booking{'' if found.many == 1 else 's'} {found.reason}"
    yield from (f"  {line}" for line in found.oldest)
    if more := found.many - len(found.oldest):
        yield f"  and {more} more"
