"""Past visits whose services are due again."""

from datetime import datetime

from sqlalchemy import text

from adapters.postgres.database import Database
from kinds.vehicle_service.domain.reminders import MONTHS_WITHOUT_WARRANTY, DueService

# One row per visit and term. Not for a car or a customer that is gone, and not where a later visit has done the same
# service again: that visit reminds of it.
_DUE = text(
    """
    SELECT b.id AS booking_id, term.months, b.customer_id, m.name || ' ' || c.model AS vehicle,
        o.registration_number,
        to_char(b.completed_at AT TIME ZONE :zone, 'FMDD Mon YYYY') AS delivered_on,
        array_agg(s.title ORDER BY s.title) AS services
    FROM bookings AS b JOIN visits AS v ON v.booking_id = b.id
        JOIN booked_services AS line ON line.booking_id = b.id AND line.state = 'done'
        JOIN services AS s ON s.id = line.service_id
        CROSS JOIN LATERAL (SELECT CASE s.warranty_months WHEN 0 THEN :months ELSE s.warranty_months END AS months)
            AS term
        JOIN users AS u ON u.id = b.customer_id AND u.deleted_at IS NULL AND u.email IS NOT NULL
        JOIN customer_cars AS o ON o.id = v.vehicle_id AND o.deleted_at IS NULL
        JOIN cars AS c ON c.id = o.car_id
        JOIN manufacturers AS m ON m.id = c.manufacturer_id
    WHERE b.status = 'delivered' AND b.completed_at + make_interval(months => term.months) <= :now
        AND (b.id, term.months) > (:after_booking, :after_months)
        AND NOT EXISTS (SELECT FROM notifications AS n
            WHERE n.identity = b.id || '.service-reminder.' || term.months AND n.resend = 0
                AND (n.sent_at IS NOT NULL OR n.refused_at IS NOT NULL))
        AND NOT EXISTS (SELECT FROM bookings AS later JOIN visits AS w ON w.booking_id = later.id
            JOIN booked_services AS again ON again.booking_id = later.id AND again.state = 'done'
            WHERE later.customer_id = b.customer_id AND later.id > b.id AND w.vehicle_id = v.vehicle_id
                AND later.status = 'delivered' AND again.service_id = line.service_id)
    GROUP BY b.id, term.months, u.id, o.id, c.id, m.id
    ORDER BY b.id, term.months
    LIMIT :limit
    """
)


class PastVisitRows:
    """Delivered bookings in PostgreSQL; ``zone`` is the shop's, for dates that are read by people."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    async def due(self, now: datetime, after: tuple[int, int], limit: int) -> list[DueService]:
        """What is due by now and not reminded of yet, ordered by booking and months, beyond ``after`` (of both)."""
        wanted = {
            "now": now,
            "after_booking": after[0],
            "after_months": after[1],
            "limit": limit,
            "zone": self._zone,
            "months": MONTHS_WITHOUT_WARRANTY,
        }
        async with self._database.read.connect() as connection:
            rows = (await connection.execute(_DUE, wanted)).mappings().all()
        return [DueService(**{**row, "services": tuple(row["services"])}) for row in rows]
