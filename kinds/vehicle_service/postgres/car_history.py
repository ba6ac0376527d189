"""The service history of a car: what was done to it, when, by whom, for how much, and how long it is warranted.

Titles and prices are those of the booking, as they stand on its invoice; the warranty is the catalogue's. Work that
was finished before a booking was cancelled is part of it: the parts are in the car.
"""

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.sql_format import INSTANT, RUPEES
from adapters.postgres.statements import Json
from domain.errors import NotFound

_UNIT = "coalesce(l.price, l.quote, l.estimate)"
_DONE = f"""
    SELECT json_agg(json_build_object('service_id', l.service_id, 'title', told.line ->> 'title',
        'quantity', l.quantity, 'price', {RUPEES.format(_UNIT)}, 'amount', {RUPEES.format(f"{_UNIT} * l.quantity")},
        'works', s.works, 'warranty_kms', s.warranty_kms, 'warranty_until', CASE WHEN s.warranty_months > 0
            THEN (page.day + make_interval(months => s.warranty_months))::date END) ORDER BY l.service_id)
    FROM booked_services AS l JOIN services AS s ON s.id = l.service_id
    JOIN LATERAL jsonb_array_elements(b.state -> 'lines') AS told(line)
        ON (told.line ->> 'service_id')::int = l.service_id
    WHERE l.booking_id = b.id AND l.state = 'done'
"""  # noqa: S608 - constants of ours
_ADVISED = f"""
    SELECT coalesce(json_agg(json_build_object('service_id', l.service_id, 'title', told.line ->> 'title',
        'price', {RUPEES.format(_UNIT)}) ORDER BY l.service_id), '[]')
    FROM booked_services AS l JOIN LATERAL jsonb_array_elements(b.state -> 'lines') AS told(line)
        ON (told.line ->> 'service_id')::int = l.service_id
    WHERE l.booking_id = b.id AND l.state = 'declined'
"""  # noqa: S608 - constants of ours
_WORKED = """
    SELECT coalesce(json_agg(json_build_object('id', m.id, 'name', m.name, 'photo', m.photo, 'jobs', m.jobs)
        ORDER BY m.id), '[]')
    FROM (SELECT u.id, u.name, u.photo, json_agg(DISTINCT a.type ORDER BY a.type) AS jobs
        FROM booking_assignments AS a JOIN users AS u ON u.id = a.mechanic_id
        WHERE a.booking_id = b.id AND NOT a.replaced AND a.type IN ('analysis', 'service') GROUP BY u.id) AS m
"""
_INVOICE = f"""
    SELECT json_build_object('number', d.number, 'issued_at', {INSTANT.format("d.issued_at")},
        'total', {RUPEES.format("d.amount")}, 'url', '/api/v1/bookings/' || b.id || '/invoice.pdf')
    FROM documents AS d WHERE d.booking_id = b.id AND d.kind = 'invoice' ORDER BY d.id DESC LIMIT 1
"""  # noqa: S608 - constants of ours
_HISTORY = text(
    f"""
    WITH car AS (
        SELECT id, customer_id FROM customer_cars
        WHERE id = :car AND deleted_at IS NULL AND (CAST(:owner AS text) IS NULL OR customer_id = :owner)
    ), done AS (
        SELECT b.id, (coalesce(b.completed_at, w.finished) AT TIME ZONE CAST(:zone AS text))::date AS day, w.finished
        FROM car JOIN visits AS v ON v.vehicle_id = car.id
            JOIN bookings AS b ON b.id = v.booking_id AND b.customer_id = car.customer_id
        CROSS JOIN LATERAL (SELECT coalesce(max(p.at), b.updated_at) AS finished FROM booking_progress AS p
            WHERE p.booking_id = b.id AND p.validated AND p.service_ids <> '{{}}') AS w
        WHERE b.status IN ('completed', 'out-for-delivery', 'delivered', 'cancelled')
            AND EXISTS (SELECT FROM booked_services AS l WHERE l.booking_id = b.id AND l.state = 'done')
    ), page AS (SELECT * FROM done ORDER BY day DESC, id DESC LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM car) AS cars, (SELECT count(*) FROM done) AS total, (
        SELECT coalesce(json_agg(json_build_object('booking_id', b.id, 'status', b.status, 'date', page.day,
            'finished_at', {INSTANT.format("page.finished")}, 'delivered_at', {INSTANT.format("b.completed_at")},
            'services', ({_DONE}), 'not_done', ({_ADVISED}),
            'recommendation', CASE WHEN (b.state #>> '{{analysis,validated}}')::boolean
                THEN b.state #>> '{{analysis,recommendation}}' END,
            'mechanics', ({_WORKED}), 'total', {RUPEES.format("b.total")}, 'invoice', ({_INVOICE}))
            ORDER BY page.day DESC, b.id DESC), '[]')::text
        FROM page JOIN bookings AS b USING (id)) AS rows
    """  # noqa: S608 - constants of ours
)


async def history_of(
    connection: AsyncConnection, car_id: int, owner: str | None, zone: str, limit: int, offset: int
) -> tuple[list[Json], int]:
    """A part of the history, newest first, and the count of all; ``owner`` None means anybody's car.

    Raises:
        NotFound: there is no such car, or it is somebody else's.
    """
    given = {"car": car_id, "owner": owner, "zone": zone, "limit": limit, "offset": offset}
    found = (await connection.execute(_HISTORY, given)).one()
    if not found.cars:
        raise NotFound(f"there is no car {car_id}")
    return orjson.loads(found.rows), found.total
