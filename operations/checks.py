"""Rows that contradict each other, and what is missing before the first booking: asked of the database as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Pools
from adapters.postgres.kind_operations import Check, FirstStep, Operations

SHOWN = 20

OF_EVERY_KIND = (
    Check(
        "timeline",
        """
        SELECT b.id AS booking, b.version, e.entries
        FROM bookings AS b, LATERAL (SELECT count(*) AS entries FROM booking_events WHERE booking_id = b.id) AS e
        WHERE b.kind = :booking_kind AND b.version <> e.entries ORDER BY b.id
        """,
        "a booking has not as many entries in its timeline as versions: a projection was lost",
    ),
    Check(
        "participants",
        """
        SELECT b.id AS booking, b.customer_id AS customer FROM bookings AS b
        WHERE b.kind = :booking_kind AND NOT EXISTS (SELECT FROM booking_participants AS p
            WHERE p.booking_id = b.id AND p.person_id = b.customer_id AND p.active)
        ORDER BY b.id
        """,
        "a customer cannot see a booking of theirs",
    ),
    Check(
        "numbers",
        """
        WITH issued AS (
            SELECT regexp_replace(d.number, '-[0-9]+$', '') AS series, count(*) AS documents,
                max(substring(d.number FROM '[0-9]+$')::int) AS last
            FROM documents AS d GROUP BY 1
        )
        SELECT series, last, documents FROM issued WHERE last <> documents
            AND EXISTS (SELECT FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id
                WHERE b.kind = :booking_kind AND d.number LIKE series || '-%')
        ORDER BY series
        """,
        "a series of documents has a gap, which the tax office will ask about",
    ),
    Check(
        "outbox",
        """
        SELECT o.booking_id AS booking, o.version, o.slug, o.attempts
        FROM outbox AS o JOIN bookings AS b ON b.id = o.booking_id
        WHERE b.kind = :booking_kind AND o.created_at < now() - interval '2 days' ORDER BY o.booking_id, o.version
        """,
        "an e-mail has waited for more than two days: nobody sends, or its version never came",
    ),
)
"""Checks of the engine's rows, each of the bookings of one kind."""

FIRST_STEPS = (
    FirstStep(
        """
        SELECT EXISTS (SELECT FROM users AS u JOIN roles AS r ON r.id = u.role_id
            WHERE r.name = 'admin' AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL)
        """,
        "no admin can log in: make one with `revcare add-admin`, and open the link that it prints",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The contradictions that one check has found, the first of them in words."""

    kind: str
    check: Check
    rows: int
    first: tuple[str, ...]


async def run_checks(pools: Pools, kinds: Sequence[Operations]) -> list[Finding]:
    """Run every check of the engine and of each kind; those without a finding have no rows."""
    found = []
    for each in kinds:
        async with pools.of(each.storage.schema).read.connect() as connection:
            found += [await _run(connection, each, check) for check in (*OF_EVERY_KIND, *each.checks)]
    return found


def finding_text(finding: Finding) -> str:
    """What a check has found, a line for each of the first rows."""
    name = f"{finding.kind} {finding.check.name}"
    if not finding.rows:
        return f"{name}: nothing found"
    more = finding.rows - len(finding.first)
    lines = [f"{name}: {finding.rows} found: {finding.check.meaning}", *(f"  {line}" for line in finding.first)]
    return "\n".join([*lines, f"  and {more} more"] if more else lines)


async def missing(pools: Pools, kinds: Sequence[Operations]) -> dict[str, list[str]]:
    """What each kind lacks before its first booking."""
    found = {}
    for each in kinds:
        async with pools.of(each.storage.schema).read.connect() as connection:
            steps = [(step, await connection.scalar(text(step.query))) for step in (*FIRST_STEPS, *each.first_steps)]
        found[each.kind.name] = [step.missing for step, there in steps if not there]
    return found


async def rows_of(connection: AsyncConnection, check: Check, kind: str = "") -> list[str]:
    """What a check finds, a line for each row; ``kind``: of which bookings, where the check asks for it."""
    given = {"booking_kind": kind} if ":booking_kind" in check.query else {}
    rows = (await connection.execute(text(check.query), given)).mappings()
    return [", ".join(f"{name} {value}" for name, value in row.items()) for row in rows]


async def _run(connection: AsyncConnection, kind: Operations, check: Check) -> Finding:
    lines = await rows_of(connection, check, kind.kind.name)
    return Finding(kind.kind.name, check, len(lines), tuple(lines[:SHOWN]))
