"""Bookings that do not go on by themselves: without a workflow, with one that fails, or waiting for an admin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from adapters.postgres.database import Pools
from adapters.postgres.schemas import PUBLIC

SHOWN = 50
_SINCE = "to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"') AS since, count(*) OVER () AS many"
_PROBLEMS = text(
    f"SELECT kind, booking_id, problem AS how, detail AS why, {_SINCE} FROM workflow_problems"  # noqa: S608 - ours
    " ORDER BY workflow_problems.since, booking_id LIMIT :shown"
)
_ATTENTION = text(
    f"SELECT kind, id AS booking_id, status AS how, action_required AS why, {_SINCE} FROM bookings"  # noqa: S608 - ours
    " WHERE needs_attention ORDER BY bookings.since, id LIMIT :shown"
)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Bookings that are stuck for one reason: how many, and the oldest of them, each in a line."""

    reason: str
    many: int
    oldest: tuple[str, ...]


async def stuck(pools: Pools) -> list[Stuck]:
    """What the last look of the recovery found, and what admins are asked to do; as the rows have it."""
    found = []
    async with pools.of(PUBLIC).read.connect() as connection:
        for reason, query in (("without a workflow that works", _PROBLEMS), ("waiting for an admin", _ATTENTION)):
            rows = (await connection.execute(query, {"shown": SHOWN})).all()
            lines = tuple(
                f"{row.kind.replace('_', '-')} {row.booking_id}: {row.how} since {row.since}, {row.why}" for row in rows
            )
            found.append(Stuck(reason, rows[0].many if rows else 0, lines))
    return found


def stuck_text(found: Sequence[Stuck]) -> str:
    """A line for each reason, and one for each booking that is shown."""
    return "\n".join(line for each in found for line in _lines(each))


def _lines(found: Stuck) -> Iterator[str]:
    yield f"{found.many or 'no'} booking{'' if found.many == 1 else 's'} {found.reason}"
    yield from (f"  {line}" for line in found.oldest)
    if more := found.many - len(found.oldest):
        yield f"  and {more} more"
