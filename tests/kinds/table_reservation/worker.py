"""Table reservations as the worker runs them."""

from pathlib import Path

from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import STORAGE
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from workers.kind import KindWorker

WORKER: KindWorker[TableBooking] = KindWorker(
    kind=TABLE_RESERVATION,
    storage=STORAGE,
    workflow=TableReservationWorkflow,
    pure=("tests.kinds.table_reservation.domain",),
    templates=Path(__file__).parent / "emails",
)
