"""Table reservations as operators see them."""

from adapters.postgres.kind_operations import Check, KindOperations
from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.postgres.storage import STORAGE

_HELD = """
SELECT h.booking_id AS booking, h.house, h.number AS "table"
FROM held_tables AS h JOIN bookings AS b ON b.id = h.booking_id
WHERE b.closed_at IS NOT NULL ORDER BY 1
"""

OPERATIONS: KindOperations[TableBooking] = KindOperations(
    storage=STORAGE, checks=(Check("held", _HELD, "a table is held by a reservation that is over"),)
)
