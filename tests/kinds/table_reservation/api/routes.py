"""The commands of table reservations; all else is the engine's."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Response, WebSocket, WebSocketDisconnect

from adapters.postgres.numbering import next_booking_id
from adapters.resources import Resources
from api.bookings.dependencies import BookingId, Bookings
from api.dependencies import CurrentUser, OpenResources, requires
from api.people.accounts import people_of, row_of
from api.schemas.booking_answers import GivenAwayAnswer
from domain.booking import RULES_OF_TODAY, Customer, PolicyTerms
from domain.commands import Cancel
from tests.kinds.table_reservation.api.schemas import BillBody, Guest, Reason, Reserve, TableAnswer
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, PayDeposit, Seat, Status, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION

router = APIRouter(prefix="/bookings", tags=["bookings"])
GUESTS = people_of(TABLE_RESERVATION.role("customer"))
ByGuest = Annotated[CurrentUser, requires("WRITE:BOOKINGS", roles=("customer", "admin"))]
ByHouse = Annotated[CurrentUser, requires("UPDATE:BOOKINGS", roles=("host", "admin"))]
ByBoth = Annotated[CurrentUser, requires("UPDATE:BOOKINGS")]


@router.post("/", status_code=201, response_model=TableAnswer, summary="Reserve a table")
async def reserve(body: Reserve, user: ByGuest, bookings: Bookings, opened: OpenResources) -> Response:
    async def build(number: int | None) -> TableBooking:
        return TableBooking(
            id=number or await next_booking_id(opened.database),
            customer=await _guest(opened, user.id),
            policy=PolicyTerms(gst_percent=Decimal(5), **RULES_OF_TODAY),
            created_at=datetime.now(UTC),
            status=Status.RESERVED,
            **body.model_dump(),
        )

    return await bookings.create(user, build)


@router.websocket("/kitchen")
async def kitchen(socket: WebSocket) -> None:
    """Tells of so many dishes as each message asks for, a thousand letters each."""
    await socket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            for _ in range(int(await socket.receive_text())):
                await socket.send_text("x" * 1000)


@router.put("/{booking_id}/hand-over", response_model=TableAnswer | GivenAwayAnswer, summary="Give it to somebody else")
async def hand_over(
    booking_id: BookingId, body: Guest, user: ByGuest, bookings: Bookings, opened: OpenResources
) -> Response:
    async def build() -> HandOver:
        return HandOver(user.actor, await _guest(opened, body.guest_id))

    return await bookings.act(user, booking_id, build)


@router.put("/{booking_id}/pay-deposit", response_model=TableAnswer, summary="Pay the deposit online")
async def pay_deposit(booking_id: BookingId, user: ByGuest, bookings: Bookings) -> Response:
    return await bookings.act(user, booking_id, PayDeposit(user.actor))


@router.put("/{booking_id}/seat", response_model=TableAnswer, summary="The guests have come")
async def seat(booking_id: BookingId, user: ByHouse, bookings: Bookings) -> Response:
    return await bookings.act(user, booking_id, Seat(user.actor))


@router.put("/{booking_id}/bill", response_model=TableAnswer, summary="What they ate, without GST")
async def bill(booking_id: BookingId, body: BillBody, user: ByHouse, bookings: Bookings) -> Response:
    return await bookings.act(user, booking_id, Bill(user.actor, body.amount))


@router.put("/{booking_id}/cancel", response_model=TableAnswer, summary="Nobody comes")
async def cancel(booking_id: BookingId, body: Reason, user: ByBoth, bookings: Bookings) -> Response:
    return await bookings.act(user, booking_id, Cancel(user.actor, body.reason))


async def _guest(opened: Resources, person_id: str) -> Customer:
    async with opened.database.read.connect() as connection:
        found = await row_of(connection, GUESTS, person_id)
    return Customer(found["id"])
