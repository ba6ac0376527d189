"""Days on which the shop is closed, and which bookings have to be moved for them."""

from fastapi import APIRouter, Response

from api.dependencies import OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.reference_routes import RowIdInPath
from api.responses import done, reply
from api.schemas.answers import Message
from kinds.vehicle_service.api.days_off import Since, Until, shop_today, to_move, with_bookings
from kinds.vehicle_service.api.schemas.closures import AddedClosure, ClosureAnswer, LegToMove, NewClosure
from kinds.vehicle_service.domain.days_off import must_be_days_ahead, must_open_before_it_closes
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.postgres import closures as rows

router = APIRouter(prefix="/utils/closure", tags=["utils"])


@router.get(
    "",
    response_model=list[ClosureAnswer],
    summary="Days on which the shop is closed",
    dependencies=[requires("READ:UTILS")],
)
async def closures(
    connection: ReadConnection, wanted: WantedPage, since: Since = None, until: Until = None
) -> Response:
    return await wanted.of(connection, rows.CLOSURES, since=since, until=until)


@router.post(
    "",
    status_code=201,
    response_model=AddedClosure,
    summary="Close the shop for days, or for a part of each",
    dependencies=[requires("WRITE:UTILS", roles=(Role.ADMIN,))],
)
async def add_closure(connection: WriteTransaction, opened: OpenResources, body: NewClosure) -> Response:
    """From now on no slot of these days is offered or reserved that begins before ``opens`` or ends after ``closes``.
    Bookings that have one keep it until they are moved; the answer lists them."""
    zone = opened.settings.company.shop_timezone
    row = dict(body) | {"last_date": body.last_date or body.first_date}
    must_be_days_ahead(row["first_date"], row["last_date"], today := shop_today(zone))
    must_open_before_it_closes(row["opens"], row["closes"])
    added = await rows.add_closure(connection, row, today)
    return reply(await with_bookings(connection, added, rows.TO_MOVE, zone), 201)


@router.delete(
    "/{row_id}",
    response_model=Message,
    summary="Open the shop on these days after all",
    dependencies=[requires("DELETE:UTILS", roles=(Role.ADMIN,))],
)
async def remove_closure(connection: WriteTransaction, row_id: RowIdInPath) -> Response:
    await rows.remove_closure(connection, row_id)
    return done("the closure was removed")


@router.get(
    "/{row_id}/bookings",
    response_model=list[LegToMove],
    summary="The bookings that have to be moved for a closure",
    dependencies=[requires("READ:BOOKINGS", roles=(Role.ADMIN,))],
)
async def bookings_to_move(
    connection: ReadConnection, opened: OpenResources, wanted: WantedPage, row_id: RowIdInPath
) -> Response:
    """Legs from today on whose slot is not offered any more; moved ones are not among them."""
    return await to_move(connection, opened, wanted, rows.TO_MOVE, row_id, "closure")
