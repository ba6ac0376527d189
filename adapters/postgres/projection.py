"""A booking's state becomes rows: one statement, one transaction, the same rows when it is repeated.

An older version changes nothing; an equal one overwrites. Subtle but needed: when a worker dies between the commit
and Temporal's record of it, the next and different transition carries the same version, and the workflow is right.
What only the lost transition had written goes first: it gave away the same ids, and keys that exist once.
"""

from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import Role
from kinds.vehicle_service.domain.ledger import entries
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.view import summary
from kinds.vehicle_service.domain.visit import KIND, VisitBooking
from kinds.vehicle_service.domain.waiting import action_required, needs_attention, waiting_for

STATE: TypeAdapter[VisitBooking] = TypeAdapter(VisitBooking)
CHANNEL = "booking_events"
_ROLES = (Role.ADMIN, Role.CUSTOMER, Role.MECHANIC)

_PROJECT = text(
    """
    WITH doc AS (SELECT CAST(:doc AS jsonb) AS d),
    again AS (
        SELECT b.id FROM doc, bookings AS b
        WHERE b.id = CAST(d #>> '{booking,id}' AS bigint) AND b.version = CAST(d #>> '{booking,version}' AS int)
    ),
    lost_assignments AS (
        DELETE FROM booking_assignments AS a USING again, doc
        WHERE a.booking_id = again.id AND NOT d -> 'assignments' @> jsonb_build_array(jsonb_build_object('id', a.id))
    ),
    lost_progress AS (
        DELETE FROM booking_progress AS p USING again, doc
        WHERE p.booking_id = again.id AND NOT d -> 'progress' @> jsonb_build_array(jsonb_build_object('id', p.id))
    ),
    lost_payments AS (
        DELETE FROM payments AS p USING again, doc
        WHERE p.booking_id = again.id AND NOT d -> 'payments' @> jsonb_build_array(jsonb_build_object('id', p.id))
        RETURNING 1
    ),
    lost_refunds AS (
        DELETE FROM refunds AS r USING again, doc
        WHERE r.booking_id = again.id AND NOT d -> 'refunds' @> jsonb_build_array(jsonb_build_object('id', r.id))
        RETURNING 1
    ),
    lost_scores AS (
        DELETE FROM mechanic_scores AS s USING again, doc
        WHERE s.booking_id = again.id AND NOT d -> 'scores' @> jsonb_build_array(jsonb_build_object('what', s.what))
    ),
    head AS (
        INSERT INTO bookings (id, kind, status, version, customer_id, vehicle_id, mechanic_id, pickup_date,
            pickup_timeslot_id, drop_date, drop_timeslot_id, payment_method, total, due, action_required,
            needs_attention, waiting_until, since, created_at, updated_at, completed_at, closed_at, state, summaries)
        SELECT b.id, b.kind, b.status, b.version, b.customer_id, b.vehicle_id, b.mechanic_id, b.pickup_date,
            b.pickup_timeslot_id, b.drop_date, b.drop_timeslot_id, b.payment_method, b.total, b.due,
            b.action_required, b.needs_attention, b.waiting_until, b.since, b.created_at, b.updated_at,
            b.completed_at, b.closed_at, CAST(:state AS jsonb), d -> 'summaries'
        FROM doc, jsonb_populate_record(NULL::bookings, d -> 'booking') AS b
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version,
            mechanic_id = excluded.mechanic_id, pickup_date = excluded.pickup_date,
            pickup_timeslot_id = excluded.pickup_timeslot_id, drop_date = excluded.drop_date,
            drop_timeslot_id = excluded.drop_timeslot_id, payment_method = excluded.payment_method,
            total = excluded.total, due = excluded.due, action_required = excluded.action_required,
            needs_attention = excluded.needs_attention, waiting_until = excluded.waiting_until,
            since = excluded.since, updated_at = excluded.updated_at, completed_at = excluded.completed_at,
            closed_at = excluded.closed_at, state = excluded.state, summaries = excluded.summaries
        WHERE bookings.version <= excluded.version
        RETURNING id, version
    ),
    event AS (
        INSERT INTO booking_events
        SELECT e.* FROM head, doc, jsonb_populate_record(NULL::booking_events, d -> 'event') AS e
        ON CONFLICT (booking_id, version) DO UPDATE SET status = excluded.status, action = excluded.action,
            actor_role = excluded.actor_role, actor_id = excluded.actor_id, actor_name = excluded.actor_name,
            at = excluded.at, note = excluded.note, update_id = excluded.update_id
    ),
    gone AS (
        DELETE FROM booked_services AS s USING head, doc
        WHERE s.booking_id = head.id
            AND NOT EXISTS (SELECT FROM jsonb_populate_recordset(NULL::booked_services, d -> 'services') AS n
                WHERE n.service_id = s.service_id)
    ),
    services AS (
        INSERT INTO booked_services
        SELECT s.* FROM head, doc, jsonb_populate_recordset(NULL::booked_services, d -> 'services') AS s
        ON CONFLICT (booking_id, service_id) DO UPDATE SET quote = excluded.quote, price = excluded.price,
            state = excluded.state, origin = excluded.origin, quantity = excluded.quantity
    ),
    assignments AS (
        INSERT INTO booking_assignments
        SELECT a.* FROM head, doc, jsonb_populate_recordset(NULL::booking_assignments, d -> 'assignments') AS a
        ON CONFLICT (id) DO UPDATE SET active = excluded.active, replaced = excluded.replaced, note = excluded.note,
            mechanic_id = excluded.mechanic_id, type = excluded.type, at = excluded.at
    ),
    progress AS (
        INSERT INTO booking_progress
        SELECT p.* FROM head, doc, jsonb_populate_recordset(NULL::booking_progress, d -> 'progress') AS p
        ON CONFLICT (id) DO UPDATE SET notes = excluded.notes, images = excluded.images,
            service_ids = excluded.service_ids, validated = excluded.validated, sent_back = excluded.sent_back,
            updated_by = excluded.updated_by, status = excluded.status, at = excluded.at
    ),
    payments_ AS (
        INSERT INTO payments
        SELECT p.* FROM head, doc, jsonb_populate_recordset(NULL::payments, d -> 'payments') AS p
        WHERE (SELECT count(*) FROM lost_payments) >= 0  -- after them, by this question
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, payment_id = excluded.payment_id,
            captured_at = excluded.captured_at, expires_at = excluded.expires_at, leg = excluded.leg,
            method = excluded.method, amount = excluded.amount, order_id = excluded.order_id,
            created_at = excluded.created_at
    ),
    refunds_ AS (
        INSERT INTO refunds
        SELECT r.* FROM head, doc, jsonb_populate_recordset(NULL::refunds, d -> 'refunds') AS r
        WHERE (SELECT count(*) FROM lost_refunds) >= 0
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, refund_id = excluded.refund_id,
            processed_at = excluded.processed_at, payment_id = excluded.payment_id, amount = excluded.amount,
            reason = excluded.reason, key = excluded.key, requested_at = excluded.requested_at
    ),
    ledger AS (
        -- Append only: what differs from the sum of the entries so far is added, with its sign.
        INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)
        SELECT head.id, head.version, kind, reference, coalesce(moved.leg, posted.leg),
            coalesce(moved.amount, 0) - coalesce(posted.amount, 0), coalesce(moved.at, now())
        FROM head, (
            SELECT e.* FROM doc, jsonb_populate_recordset(NULL::ledger_entries, d -> 'ledger') AS e
        ) AS moved
        FULL JOIN (
            SELECT kind, reference, min(e.leg) AS leg, sum(e.amount) AS amount FROM ledger_entries AS e, doc
            WHERE e.booking_id = CAST(d #>> '{booking,id}' AS bigint) GROUP BY kind, reference
        ) AS posted USING (kind, reference)
        WHERE coalesce(moved.amount, 0) <> coalesce(posted.amount, 0)
        ON CONFLICT (kind, reference, version, amount) DO NOTHING
    ),
    scores AS (
        INSERT INTO mechanic_scores
        SELECT s.* FROM head, doc, jsonb_populate_recordset(NULL::mechanic_scores, d -> 'scores') AS s
        ON CONFLICT (booking_id, what) DO UPDATE SET mechanic_id = excluded.mechanic_id, points = excluded.points
    )
    SELECT pg_notify(:channel, id || ':' || version) FROM head
    """
)


async def project(connection: AsyncConnection, booking: VisitBooking, update_id: str | None = None) -> None:
    """Write the booking as it stands, within the caller's transaction."""
    await connection.execute(
        _PROJECT,
        {
            "doc": orjson.dumps(rows(booking, update_id)).decode(),
            "state": STATE.dump_json(booking).decode(),
            "channel": CHANNEL,
        },
    )


def rows(booking: VisitBooking, update_id: str | None) -> dict[str, Any]:
    """The rows of a booking, by table."""
    return {
        "booking": _booking(booking),
        "summaries": {str(role): summary(booking, role) for role in _ROLES},
        "event": _event(booking, update_id),
        "services": [
            {
                "booking_id": booking.id,
                "service_id": line.service_id,
                "quantity": line.quantity,
                "origin": line.origin,
                "estimate": line.estimate,
                "quote": line.quote,
                "price": line.price,
                "state": line.state,
            }
            for line in booking.lines
        ],
        "assignments": [
            {
                "id": job.id,
                "booking_id": booking.id,
                "mechanic_id": job.mechanic.id,
                "type": job.job,
                "active": job.active,
                "replaced": job.replaced,
                "note": job.note,
                "at": job.at,
            }
            for job in booking.assignments
        ],
        "progress": [
            {
                "id": report.id,
                "booking_id": booking.id,
                "updated_by": report.by.id,
                "status": report.status,
                "notes": report.notes,
                "images": report.images,
                "service_ids": report.service_ids,
                "validated": report.validated,
                "sent_back": report.sent_back,
                "at": report.at,
            }
            for report in booking.reports
        ],
        "payments": _payments(booking),
        "refunds": _refunds(booking),
        "ledger": [
            {"kind": entry.kind, "reference": entry.reference, "leg": entry.leg, "amount": entry.amount, "at": entry.at}
            for entry in entries(booking)
        ],
        "scores": [
            {"booking_id": booking.id, "what": award.what, "mechanic_id": award.mechanic_id, "points": award.points}
            for award in booking.awards
        ],
    }


def _booking(booking: VisitBooking) -> dict[str, Any]:
    amounts = totals(booking)
    waiting = waiting_for(booking)
    at_work = booking.active()
    return {
        "id": booking.id,
        "kind": KIND,
        "status": booking.status,
        "version": booking.version,
        "customer_id": booking.customer.id,
        "vehicle_id": booking.vehicle.id,
        "mechanic_id": at_work.mechanic.id if at_work else None,
        "pickup_date": booking.pickup.date,
        "pickup_timeslot_id": booking.pickup.timeslot.id,
        "drop_date": booking.drop.date,
        "drop_timeslot_id": booking.drop.timeslot.id,
        "payment_method": booking.method,
        "total": amounts.total,
        "due": amounts.due,
        "action_required": action_required(booking),
        "needs_attention": needs_attention(booking),
        "waiting_until": waiting.until if waiting else None,
        "since": booking.since,
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
        "completed_at": booking.completed_at,
        "closed_at": booking.closed_at,
    }


def _event(booking: VisitBooking, update_id: str | None) -> dict[str, Any]:
    event = booking.event
    return {
        "booking_id": booking.id,
        "version": event.version,
        "status": event.status,
        "action": event.action,
        "actor_role": event.by.role,
        "actor_id": event.by.id,
        "actor_name": event.by.name,
        "at": event.at,
        "note": event.note,
        "update_id": update_id,
    }


def _payments(booking: VisitBooking) -> list[dict[str, Any]]:
    return [
        {
            "id": payment.id,
            "booking_id": booking.id,
            "leg": payment.leg,
            "method": payment.method,
            "amount": payment.amount,
            "status": payment.status,
            "order_id": payment.order_id,
            "payment_id": payment.payment_id,
            "expires_at": payment.expires_at,
            "created_at": payment.created_at,
            "captured_at": payment.captured_at,
        }
        for payment in booking.payments
    ]


def _refunds(booking: VisitBooking) -> list[dict[str, Any]]:
    return [
        {
            "id": refund.id,
            "booking_id": booking.id,
            "payment_id": refund.payment_id,
            "amount": refund.amount,
            "status": refund.status,
            "reason": refund.reason,
            "key": refund.key,
            "refund_id": refund.refund_id,
            "requested_at": refund.requested_at,
            "processed_at": refund.processed_at,
        }
        for refund in booking.refunds
    ]
