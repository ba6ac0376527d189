"""What keeps somebody from leaving: a booking that is open, or money that is still to be paid out to them."""

from adapters.postgres.kind import OpenWork
from kinds.local_services.domain.roles import Role

_OPEN = """
    SELECT min(number) FROM (
        SELECT b.id AS number FROM bookings AS b
        WHERE b.customer_id = :id AND b.kind = 'local_services' AND b.closed_at IS NULL
        UNION ALL
        SELECT b.id FROM booking_participants AS p JOIN bookings AS b ON b.id = p.booking_id
        WHERE p.person_id = :id AND p.active AND b.kind = 'local_services' AND b.closed_at IS NULL
        UNION ALL
        SELECT b.id FROM payouts AS p JOIN bookings AS b ON b.id = p.booking_id
        WHERE p.payee = :id AND b.kind = 'local_services' AND p.state IN ('pending', 'held')
    ) AS theirs
"""
_WORK = OpenWork(_OPEN, "booking {} is open, or not paid out yet")

OPEN_WORK = {str(Role.SEEKER): _WORK, str(Role.PROVIDER): _WORK}
"""By role: who was a provider stays one, and who requests may be either."""
