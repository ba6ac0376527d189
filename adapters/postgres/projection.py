"""A booking's state becomes rows: one statement, one transaction, the same rows when it is repeated.

Mostly the statement is all of the transaction: should its worker die, the session carries it out nevertheless. It ends
within the worker's limit for a statement, before Temporal hands the task to another worker: no late write of one that
died comes after another one's.

An equal version overwrites. Subtle but needed: when a worker dies between the commit and Temporal's record of it, the
next and different transition carries the same version, and the workflow is right. What only the lost transition had
written is deleted first: it gave away the same numbers, and keys that exist once; its e-mails must not be sent.

One lost transition explains no more than that. Where the rows are at a later version, or at the one before with
another entry of the timeline than the workflow has, the workflow comes from an older copy of Temporal: nothing is
written, and it has to go on from the rows (docs/decisions/0024).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Generic

import orjson

from adapters.postgres.driver import Prepared, StatementRunner
from adapters.postgres.engine_rows import PAYMENTS, PAYOUTS, REFUNDS, event
from adapters.postgres.kind import KindStorage
from adapters.postgres.notices import PROJECTED, notice_rows
from adapters.postgres.outbox import outbox_rows
from adapters.postgres.row_sets import Json, RowSet
from adapters.postgres.states import reader_of
from adapters.postgres.tables.people.participants import BookingParticipant
from adapters.postgres.uploads import pictures_in
from domain.attention import action_required, needs_attention, waiting_for
from domain.billing.ledger import entries
from domain.closing import is_settled, totals
from domain.emails import BookingEmail
from domain.kind import B, BookingKind
from domain.views import SUMMARY_VERSION, summary, summary_version

CHANNEL = "booking_events"
WATCHED = "hashtextextended('watched booking ' || id, 0)"
"""SQL of the advisory lock that whoever listens to a booking shares for as long.

Only a version of a booking that is listened to is notified: transactions that notify commit one after the other, in all
of the database. A listener gets the lock once the version that is being written can be read.
"""
_HEAD = """
    WITH doc AS (SELECT CAST(:doc AS jsonb) AS d),
    head AS (
        INSERT INTO bookings (id, kind, status, version, customer_id, payment_method, total, due, action_required,
            needs_attention, waiting_until, since, created_at, updated_at, completed_at, closed_at, settled,
            state, summaries)
        SELECT b.id, b.kind, b.status, b.version, b.customer_id, b.payment_method, b.total, b.due,
            b.action_required, b.needs_attention, b.waiting_until, b.since, b.created_at, b.updated_at,
            b.completed_at, b.closed_at, b.settled, CAST(:state AS jsonb), d -> 'summaries'
        FROM doc, jsonb_populate_record(NULL::bookings, d -> 'booking') AS b
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version,
            customer_id = excluded.customer_id, payment_method = excluded.payment_method, total = excluded.total,
            due = excluded.due, action_required = excluded.action_required,
            needs_attention = excluded.needs_attention, waiting_until = excluded.waiting_until,
            since = excluded.since, updated_at = excluded.updated_at, completed_at = excluded.completed_at,
            closed_at = excluded.closed_at, settled = excluded.settled, state = excluded.state,
            summaries = excluded.summaries
        WHERE bookings.version <= excluded.version AND NOT EXISTS (
            SELECT FROM booking_events AS e, doc, jsonb_populate_record(NULL::booking_events, d -> 'before') AS known
            WHERE bookings.version = excluded.version - 1 AND bookings.version > 1
                AND e.booking_id = bookings.id AND e.version = bookings.version AND known.version = e.version
                AND (e.at, e.action) <> (known.at, known.action)
        )
        RETURNING id, version
    ),
    event AS (
        INSERT INTO booking_events (booking_id, version, status, action, actor_role, actor_id, at, note, update_id)
        SELECT head.id, e.version, e.status, e.action, e.actor_role, e.actor_id, e.at, e.note, e.update_id
        FROM head, doc, jsonb_populate_record(NULL::booking_events, d -> 'event') AS e
        ON CONFLICT (booking_id, version) DO UPDATE SET status = excluded.status, action = excluded.action,
            actor_role = excluded.actor_role, actor_id = excluded.actor_id, at = excluded.at, note = excluded.note,
            update_id = excluded.update_id
    ),
    ledger AS (
        -- Append only: what differs from the sum of the entries so far is added, with its sign; what is taken back
        -- bears the time of this move. What happened in a month that is closed is booked now.
        INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)
        SELECT head.id, head.version, kind, reference, coalesce(moved.leg, posted.leg),
            coalesce(moved.amount, 0) - coalesce(posted.amount, 0),
            booked_at(coalesce(moved.at, CAST(d #>> '{event,at}' AS timestamptz)))
        FROM head, doc, (
            SELECT e.* FROM doc, jsonb_populate_recordset(NULL::ledger_entries, d -> 'ledger') AS e
        ) AS moved
        FULL JOIN (
            SELECT kind, reference, min(e.leg) AS leg, sum(e.amount) AS amount FROM ledger_entries AS e, doc
            WHERE e.booking_id = CAST(d #>> '{booking,id}' AS bigint)
                AND kind <> 'fee' -- booked from the provider's statement
            GROUP BY kind, reference
        ) AS posted USING (kind, reference)
        WHERE coalesce(moved.amount, 0) <> coalesce(posted.amount, 0)
        ON CONFLICT (kind, reference, version, amount) DO NOTHING
    ),
    pictures AS (
        UPDATE uploads AS u SET named_at = now()
        FROM head, doc, jsonb_array_elements_text(d -> 'pictures') AS named (name)
        WHERE u.name = named.name AND u.named_at IS NULL
    ),
    outbox_deleted AS (
        DELETE FROM outbox AS old USING head, doc
        WHERE old.booking_id = head.id AND old.version >= head.version
            AND NOT (old.version = head.version AND d -> 'outbox' @> jsonb_build_array(
                jsonb_build_object('slug', old.slug, 'person_id', old.person_id)))
    ),
    outbox_written AS (
        INSERT INTO outbox (booking_id, version, slug, person_id, place, mail)
        SELECT head.id, head.version, new.slug, new.person_id, new.place, new.mail
        FROM head, doc, jsonb_populate_recordset(NULL::outbox, d -> 'outbox') AS new
        ON CONFLICT (booking_id, version, slug, person_id) DO UPDATE SET mail = excluded.mail, place = excluded.place
    ),"""
_END = f"""
    SELECT CASE WHEN pg_try_advisory_xact_lock({WATCHED}) THEN '' -- nobody listens to this booking
        ELSE CAST(pg_notify(:channel, id || ':' || version) AS text) END
    FROM head"""  # noqa: S608 - names of ours


class Projection(Generic[B]):
    """The rows of the bookings of one kind: the engine's and those that the kind declares."""

    def __init__(self, kind: BookingKind[B], storage: KindStorage[B]) -> None:
        self._kind = kind
        self._state = reader_of(kind.state)
        participants = RowSet[B](BookingParticipant, ("person_id", "role"), self._participants)
        engine: tuple[RowSet[Any], ...] = (participants, PAYMENTS, REFUNDS)
        passed_on = (PAYOUTS,) if kind.pays_out else ()
        self._row_sets = (*engine, *passed_on, storage.detail, *storage.children)
        parts = [each.expressions for each in self._row_sets]
        self._tells = storage.notices is not None
        expressions = ",".join([*parts, PROJECTED] if self._tells else parts)
        self._statement = Prepared(_HEAD + expressions.replace(":", r"\:") + _END)

    async def write(
        self,
        runner: StatementRunner,
        booking: B,
        update_id: str | None = None,
        emails: Sequence[BookingEmail] = (),
    ) -> bool:
        """Write the booking as it stands, and the e-mails and notices of this version: within a transaction, or as one.

        False: the rows are ahead, and nothing is written.
        """
        state = self._state.dump_json(booking).decode()
        pictures = pictures_in(state) if "/uploads/" in state else []
        document = {**self.rows(booking, update_id), "outbox": outbox_rows(emails), "pictures": pictures}
        if self._tells:
            document["notices"] = notice_rows(self._kind.notices(booking))
        doc = orjson.dumps(document).decode()
        return await runner.row(self._statement, doc=doc, state=state, channel=CHANNEL) is not None

    def rows(self, booking: B, update_id: str | None) -> Json:
        """The rows of a booking, by table; the head and the newest event by name."""
        return {
            "booking": self._head(booking),
            "summaries": {
                SUMMARY_VERSION: summary_version(self._kind),
                **{str(role.name): summary(self._kind, booking, role.name) for role in self._kind.roles},
            },
            "event": event(booking.event, update_id),
            "before": event(booking.recent[-2]) if len(booking.recent) > 1 else {},
            "ledger": [
                {
                    "kind": entry.kind,
                    "reference": entry.reference,
                    "leg": entry.leg,
                    "amount": entry.amount,
                    "at": entry.at,
                }
                for entry in entries(booking)
            ],
            **{each.table: list(each.rows(booking)) for each in self._row_sets},
        }

    def _participants(self, booking: B) -> Iterable[Json]:
        for each in self._kind.participants(booking):
            yield {"person_id": each.person, "role": each.role, "active": each.active}

    def _head(self, booking: B) -> Json:
        amounts = totals(self._kind, booking)
        waiting = waiting_for(self._kind, booking)
        return {
            "id": booking.id,
            "kind": self._kind.name,
            "status": booking.status,
            "version": booking.version,
            "customer_id": booking.customer.id,
            "payment_method": booking.method,
            "total": amounts.total,
            "due": amounts.due,
            "action_required": action_required(self._kind, booking),
            "needs_attention": needs_attention(self._kind, booking),
            "waiting_until": waiting.until if waiting else None,
            "since": booking.since,
            "created_at": booking.created_at,
            "updated_at": booking.updated_at,
            "completed_at": booking.completed_at,
            "closed_at": booking.closed_at,
            "settled": is_settled(self._kind, booking),
        }
