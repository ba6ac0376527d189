"""Days on which mechanics are away, and which bookings have a job of theirs then."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.accounts import id_pattern
from api.reference_routes import RowIdInPath
from api.responses import done, reply
from api.schemas.answers import Message
from kinds.vehicle_service.api.days_off import Since, Until, shop_today, to_move, with_bookings
from kinds.vehicle_service.api.schemas.closures import AbsenceAnswer, AddedAbsence, JobToMove, NewAbsence
from kinds.vehicle_service.domain.days_off import must_be_days_ahead
from kinds.vehicle_service.domain.roles import MECHANIC, Role
from kinds.vehicle_service.postgres import absences as rows

router = APIRouter(prefix="/mechanics/absence", tags=["mechanics"])

_ADMIN = (Role.ADMIN,)
OfMechanic = Annotated[str | None, Query(alias="mechanic_id", pattern=id_pattern(MECHANIC), description="Of this one")]


@router.get(
    "",
    response_model=list[AbsenceAnswer],
    summary="Days on which mechanics are away",
    dependencies=[requires("READ:MECHANICS", roles=_ADMIN)],
)
async def absences(
    connection: ReadConnection,
    wanted: WantedPage,
    mechanic: OfMechanic = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    return await wanted.of(connection, rows.ABSENCES, mechanic=mechanic, since=since, until=until)


@router.post(
    "",
    status_code=201,
    response_model=AddedAbsence,
    summary="A mechanic is away for days",
    dependencies=[requires("WRITE:MECHANICS", roles=_ADMIN)],
)
async def add_absence(connection: WriteTransaction, opened: OpenResources, body: NewAbsence) -> Response:
    """From now on nobody gives them a pickup or a drop of these days, or on these days work in the shop. Jobs that they
    have stay theirs until somebody else is assigned; the answer lists them."""
    zone, last = opened.settings.company.shop_timezone, body.last_date or body.first_date
    must_be_days_ahead(body.first_date, last, today := shop_today(zone))
    added = await rows.add_absence(connection, body.mechanic_id, body.first_date, last, today)
    return reply(await with_bookings(connection, added, rows.TO_MOVE, zone), 201)


@router.delete(
    "/{row_id}",
    response_model=Message,
    summary="A mechanic is there after all",
    dependencies=[requires("DELETE:MECHANICS", roles=_ADMIN)],
)
async def remove_absence(connection: WriteTransaction, row_id: RowIdInPath) -> Response:
    await rows.remove_absence(connection, row_id)
    return done("the absence was removed")


@router.get(
    "/{row_id}/bookings",
    response_model=list[JobToMove],
    summary="The bookings that have a job of a mechanic who is away then",
    dependencies=[requires("READ:BOOKINGS", roles=_ADMIN)],
)
async def jobs_to_move(
    connection: ReadConnection, opened: OpenResources, wanted: WantedPage, row_id: RowIdInPath
) -> Response:
    """Open jobs: pickups and drops of these days, and work in the shop that may last until then."""
    return await to_move(connection, opened, wanted, rows.TO_MOVE, row_id, "absence")
