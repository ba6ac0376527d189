"""The HTTP API of table reservations: its commands, and what it takes of the engine."""

from typing import Annotated

from fastapi import Query

from adapters.postgres.pages import Filters
from api.auth.login_by import LoginBy
from api.kind import BookingModels, KindApi
from api.routes import booking_events
from api.routes.attention import attention_routes
from api.routes.booking_documents import document_routes
from api.routes.bookings import booking_routes
from api.routes.payments import payment_routes
from tests.kinds.table_reservation.api import routes
from tests.kinds.table_reservation.api.schemas import DepositConfirmed, TableAnswer, TableEntry, TableRow
from tests.kinds.table_reservation.domain.booking import Status, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import STORAGE


async def filters(status: Status | None = None, house: Annotated[str | None, Query(max_length=20)] = None) -> Filters:
    return Filters(status=status, own={"house": house})


MODELS = BookingModels(
    booking=TableAnswer,
    row=TableRow,
    timeline_entry=TableEntry,
    payment_confirmation=DepositConfirmed,
    filters=filters,
    customer=Annotated[str | None, Query(pattern="^TBL[0-9]{6,12}$")],
    participant=Annotated[str | None, Query(alias="host", pattern="^TBL[0-9]{6,12}$")],
)
API: KindApi[TableBooking] = KindApi(
    storage=STORAGE,
    title="Tables",
    description="Tables of two houses, reserved for a time.",
    prefix="/api/v1",
    routers=(
        attention_routes(MODELS),
        routes.router,
        booking_routes(MODELS),
        document_routes(TABLE_RESERVATION, MODELS),
        booking_events.router,
        payment_routes(MODELS),
    ),
    models=MODELS,
    chapters={"bookings": "Tables, reserved.", "payments": "Deposits.", "auth": "Logins."},
    login_by=LoginBy.EMAIL,
    body_limits={"/bookings/": 10_000},
)
