"""The mechanic's part in a booking: the jobs, the analysis, the progress."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from adapters.pages import Slice
from api.bookings.dependencies import Bookings, page_behind
from api.dependencies import CurrentUser, ReadConnection, requires
from api.lists import Moment, Whole, listed
from domain.errors import RoleRequired
from kinds.vehicle_service.api.dependencies import Commands, MechanicId
from kinds.vehicle_service.api.reports import as_report, newest_by
from kinds.vehicle_service.api.schemas.booking_answers import AssignmentRow, BookingAnswer
from kinds.vehicle_service.api.schemas.work_answers import ReportAnswer
from kinds.vehicle_service.api.schemas.workshop import SubmitAnalysisBody, SubmitProgressBody
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.postgres.queries import assignments_of

WORKERS = (Role.MECHANIC, Role.ADMIN)
router = APIRouter(prefix="/bookings/mechanic", tags=["bookings: mechanic"])


@router.get("/assignments", response_model=list[AssignmentRow], summary="My jobs, open ones first")
async def assignments(
    request: Request,
    person: Annotated[CurrentUser, requires("READ:BOOKING_ASSIGNMENT", roles=WORKERS)],
    connection: ReadConnection,
    part: Annotated[Slice, page_behind(bool, Moment, Whole)],
    active: Annotated[bool | None, Query(description="Only open jobs, or only those that are over")] = None,
    mechanic_id: MechanicId = None,
) -> Response:
    """A job that another mechanic took over stays in the list, inactive. An admin names the mechanic."""
    whose = mechanic_id if person.role == Role.ADMIN else person.id
    if whose is None:
        raise RoleRequired("this is for mechanics; an admin names one by mechanic_id")
    return listed(request, await assignments_of(connection, whose, part, active=active), part)


@router.post("/analysis", status_code=201, response_model=BookingAnswer, summary="What was found, with quotes")
async def submit_analysis(
    body: SubmitAnalysisBody,
    person: Annotated[CurrentUser, requires("WRITE:BOOKING_ANALYSIS", roles=WORKERS)],
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """A quote for every requested service; recommended services become lines that the customer may take."""
    return await bookings.act(
        person,
        body.booking_id,
        partial(commands.submit_analysis, person.actor, body),
        status=201,
    )


@router.post("/progress", status_code=201, response_model=ReportAnswer, summary="A progress report")
async def submit_progress(
    body: SubmitProgressBody,
    person: Annotated[CurrentUser, requires("WRITE:BOOKING_PROGRESS", roles=WORKERS)],
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """Where it leads follows from the booking's state: received, further work, delivered."""
    actor = person.actor
    return await bookings.act(
        person,
        body.booking_id,
        partial(commands.submit_progress, actor, body),
        show=lambda seen, shape: as_report(seen.booking, shape, newest_by(seen.booking, actor).id),
        status=201,
    )
