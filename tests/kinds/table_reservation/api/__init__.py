"""The HTTP API of table reservations."""

from typing import Annotated

from fastapi import Query

from adapters.pages import Filters
from api.auth.login_by import LoginBy
from api.kind import BookingModels, KindApi
from api.routes import payment_books
from api.routes.payouts import payout_routes
from tests.kinds.table_reservation.api import routes
from tests.kinds.table_reservation.api.schemas import TableAnswer, TableInvoice, TablePayoutAnswer, TableRow
from tests.kinds.table_reservation.domain.booking import Status, TableBooking
from tests.kinds.table_reservation.postgres.storage import STORAGE


async def filters(status: Status | None = None, house: Annotated[str | None, Query(max_length=20)] = None) -> Filters:
    return Filters(status=status, own={"house": house})


API: KindApi[TableBooking] = KindApi(
    storage=STORAGE,
    title="Tables",
    description="Tables of two houses, reserved for a time.",
    prefix="/api/v1",
    routers=(routes.router, payout_routes(TablePayoutAnswer, "host_id"), payment_books.router),
    models=BookingModels(booking=TableAnswer, row=TableRow, invoice=TableInvoice, filters=filters),
    chapters={"bookings": "Tables, reserved.", "payments": "Deposits.", "auth": "Logins."},
    login_by=LoginBy.EMAIL,
    web_sockets=True,
    body_limits={"/bookings/": 10_000, "/bookings/{booking_id}/bill": 1_000},
)
