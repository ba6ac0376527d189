"""Table reservations as the worker runs them."""

from pathlib import Path

from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.postgres.storage import STORAGE
from tests.kinds.table_reservation.settings import SUPPLIERS
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from workers.kind import KindWorker

WORKER: KindWorker[TableBooking] = KindWorker(
    storage=STORAGE,
    workflow=TableReservationWorkflow,
    pure=("tests.kinds.table_reservation.domain",),
    templates=Path(__file__).parent / "emails",
    supplier_for=SUPPLIERS.__getitem__,
)
