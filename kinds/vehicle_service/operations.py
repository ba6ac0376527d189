"""The vehicle service as operators see it."""

from adapters.postgres.kind_operations import Check, FirstStep, KindOperations
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres.storage import STORAGE
from kinds.vehicle_service.sheets import CROWDED, OUTSIDE, SHEETS

_CHECKS = (
    Check(
        "slots",
        """
        SELECT coalesce(u.on_date, r.on_date) AS day, coalesce(u.timeslot_id, r.timeslot_id) AS timeslot,
            coalesce(u.used, 0) AS counted, coalesce(r.reserved, 0) AS reserved
        FROM slot_usage AS u FULL JOIN (SELECT on_date, timeslot_id, count(*) AS reserved FROM slot_reservations
            GROUP BY on_date, timeslot_id) AS r ON r.on_date = u.on_date AND r.timeslot_id = u.timeslot_id
        WHERE coalesce(u.used, 0) <> coalesce(r.reserved, 0) ORDER BY 1, 2
        """,
        "a timeslot counts more or fewer places than bookings hold",
    ),
    Check(
        "jobs",
        """
        SELECT j.booking_id AS booking, j.type, j.mechanic_id AS mechanic FROM booking_assignments AS j
            JOIN users AS u ON u.id = j.mechanic_id
        WHERE j.active AND u.deleted_at IS NOT NULL ORDER BY j.booking_id
        """,
        "a mechanic who has left has an open job",
    ),
    Check(
        "prices",
        """
        SELECT s.id AS service, s.title, c.name AS class FROM services AS s CROSS JOIN car_classes AS c
        WHERE EXISTS (SELECT FROM price_chart AS p WHERE p.service_id = s.id)
            AND NOT EXISTS (SELECT FROM price_chart AS p WHERE p.service_id = s.id AND p.car_class_id = c.id)
        ORDER BY s.id, c.id
        """,
        "a service has a price for some classes of cars and none for another",
    ),
    OUTSIDE,
    CROWDED,
)
_FIRST_STEPS = (
    FirstStep("SELECT EXISTS (SELECT FROM areas)", "no area is served"),
    FirstStep("SELECT EXISTS (SELECT FROM timeslots WHERE capacity > 0)", "no timeslot has room"),
    FirstStep("SELECT EXISTS (SELECT FROM cars)", "no model of a car is known"),
    FirstStep("SELECT EXISTS (SELECT FROM price_chart)", "no service has a price"),
    FirstStep(
        "SELECT EXISTS (SELECT FROM mechanics AS m JOIN users AS u ON u.id = m.user_id"
        " WHERE m.pickup_drop AND u.deleted_at IS NULL)",
        "no mechanic fetches cars",
    ),
    FirstStep(
        "SELECT EXISTS (SELECT FROM mechanics AS m JOIN users AS u ON u.id = m.user_id"
        " WHERE m.analysis AND u.deleted_at IS NULL)",
        "no mechanic analyses cars",
    ),
    FirstStep("SELECT EXISTS (SELECT FROM mechanic_service_categories)", "no mechanic works on any category"),
)

OPERATIONS: KindOperations[VisitBooking] = KindOperations(
    storage=STORAGE, sheets=SHEETS, checks=_CHECKS, first_steps=_FIRST_STEPS
)
