"""The service history of a car: what was done to it, when, by whom, for how much, and how long it is warranted.

Titles and prices are those of the booking, as they stand on its invoice; the warranty is the catalogue's. Work that
was finished before a booking was cancelled is part of it: the parts are in the car.
"""

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT, RUPEES

_UNIT = "coalesce(l.price, l.quote, l.estimate)"
_DONE = f"""
    SELECT json_agg(json_build_object('service_id', l.service_id, 'title', told.line ->> 'title',
        'quantity', l.quantity, 'price', {RUPEES.format(_UNIT)}, 'amount', {RUPEES.format(f"{_UNIT} * l.quantity")},
        'works', s.works, 'warranty_kms', s.warranty_kms, 'warranty_until', CASE WHEN s.warranty_months > 0
            THEN (done.day + make_interval(months => s.warranty_months))::date END) ORDER BY l.service_id)
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
_HISTORY = f"""
    SELECT b.id AS booking_id, b.status, done.day AS date, {INSTANT.format("done.finished")} AS finished_at,
        {INSTANT.format("b.completed_at")} AS delivered_at, ({_DONE}) AS services, ({_ADVISED}) AS not_done,
        CASE WHEN (b.state #>> '{{analysis,validated}}')::boolean THEN b.state #>> '{{analysis,recommendation}}' END
            AS recommendation,
        ({_WORKED}) AS mechanics, {RUPEES.format("b.total")} AS total, ({_INVOICE}) AS invoice
    FROM customer_cars AS car JOIN visits AS v ON v.vehicle_id = car.id
        JOIN bookings AS b ON b.id = v.booking_id AND b.customer_id = car.customer_id
        LEFT JOIN LATERAL (SELECT coalesce(max(p.at), b.updated_at) AS finished FROM booking_progress AS p
            WHERE p.booking_id = b.id AND p.validated AND p.service_ids <> '{{}}') AS w ON true
        CROSS JOIN LATERAL (SELECT w.finished,
            (coalesce(b.completed_at, w.finished) AT TIME ZONE CAST(:zone AS text))::date AS day) AS done
    WHERE car.id = :car AND b.status IN ('completed', 'out-for-delivery', 'delivered', 'cancelled')
        AND EXISTS (SELECT FROM booked_services AS l WHERE l.booking_id = b.id AND l.state = 'done')
"""  # noqa: S608 - constants of ours
HISTORY = Listing(
    _HISTORY,
    (SortColumn("date", "date", descending=True), SortColumn("booking_id", descending=True)),
    beside="""
        SELECT json_build_object('id', id) FROM customer_cars
        WHERE id = :car AND deleted_at IS NULL AND (CAST(:owner AS text) IS NULL OR customer_id = :owner)
    """,
)
"""That of a ``car``, newest first; the days are those of ``zone``. Beside it the car, where it is the ``owner``'s."""
