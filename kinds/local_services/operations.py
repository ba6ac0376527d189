"""Local services as operators see them."""

from adapters.postgres.kind_operations import Check, FirstStep, KindOperations
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.postgres.storage import STORAGE

_CHECKS = (
    Check(
        "held",
        """
        SELECT t.booking_id AS booking, t.provider_id AS provider FROM provider_time AS t
            JOIN bookings AS b ON b.id = t.booking_id
        WHERE b.status IN ('COMPLETED', 'CANCELLED') ORDER BY t.booking_id
        """,
        "a booking that is over holds time of its provider",
    ),
    Check(
        "free",
        """
        SELECT s.booking_id AS booking, s.provider_id AS provider FROM service_bookings AS s
            JOIN bookings AS b ON b.id = s.booking_id
        WHERE b.status IN ('REQUESTED', 'ACCEPTED', 'IN_PROGRESS')
            AND NOT EXISTS (SELECT FROM provider_time AS t WHERE t.booking_id = s.booking_id)
        ORDER BY s.booking_id
        """,
        "a booking that goes on holds no time of its provider",
    ),
    Check(
        "ratings",
        """
        SELECT p.user_id AS person, p.rating_count AS counted, count(r.id) AS published FROM profiles AS p
            LEFT JOIN reviews AS r ON r.reviewee_id = p.user_id AND r.published_at IS NOT NULL
                AND NOT EXISTS (SELECT FROM hidden_reviews AS h WHERE h.review_id = r.id)
        GROUP BY p.user_id, p.rating_count HAVING p.rating_count <> count(r.id) ORDER BY p.user_id
        """,
        "somebody has more or fewer ratings than published reviews",
    ),
)
_FIRST_STEPS = (
    FirstStep("SELECT EXISTS (SELECT FROM categories)", "no category of services is there"),
    FirstStep("SELECT EXISTS (SELECT FROM listings WHERE is_active AND deleted_at IS NULL)", "nobody offers a service"),
)

OPERATIONS: KindOperations[ServiceBooking] = KindOperations(storage=STORAGE, checks=_CHECKS, first_steps=_FIRST_STEPS)
