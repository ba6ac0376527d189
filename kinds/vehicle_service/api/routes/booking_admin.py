"""The admin's part in a booking: overview, assignments, the word on reports and analyses."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from adapters.pages import Slice
from api.bookings.dependencies import (
    BookingId,
    Bookings,
    ChildId,
    Services,
    page_behind,
)
from api.dependencies import CurrentUser, requires
from api.lists import Moment, Whole, listed
from domain.children import booking_of
from kinds.vehicle_service.api.dependencies import Commands, CustomerId, Filtered, MechanicId
from kinds.vehicle_service.api.reports import as_report
from kinds.vehicle_service.api.schemas.booking_answers import BookingAnswer, Dashboard
from kinds.vehicle_service.api.schemas.work_answers import ReportAnswer
from kinds.vehicle_service.api.schemas.workshop import AssignMechanic, EditAnalysisBody, EditProgressBody, Verdict
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.roles import Role

ADMINS = (Role.ADMIN,)
router = APIRouter(prefix="/bookings/admin", tags=["bookings: admin"])

ActionRequired = Literal["assign", "validate-analysis", "validate-progress", "decide", "attention", "none"]


@router.get("/dashboard", response_model=Dashboard, summary="What asks for an action, and how many are where")
async def dashboard(
    request: Request,
    person: Annotated[CurrentUser, requires("READ:BOOKINGS", roles=ADMINS)],
    services: Services,
    part: Annotated[Slice, page_behind(bool, Moment, Moment, Whole)],
    narrowed: Filtered,
    action_required: Annotated[ActionRequired | None, Query()] = None,
    customer_id: CustomerId = None,
    mechanic_id: MechanicId = None,
) -> Response:
    """What asks for an admin comes first, the earliest deadline on top."""
    wanted = replace(narrowed, action_required=action_required, customer_id=customer_id, participant_id=mechanic_id)
    page = await services.lists.dashboard(wanted, part)
    counts = orjson.dumps({str(status): (page.counts or {}).get(status, 0) for status in VisitStatus}).decode()
    head = f'"counts":{counts},"workflows":{page.workflows}'
    return listed(request, page, part, lambda rows: f'{{{head},"bookings":{rows}}}')


@router.post("/assign", status_code=201, response_model=BookingAnswer, summary="Give a job to a mechanic")
async def assign(
    body: AssignMechanic,
    person: Annotated[CurrentUser, requires("WRITE:BOOKING_ASSIGNMENT", roles=ADMINS)],
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """A second assignment of the same job replaces the first."""
    return await bookings.act(person, body.booking_id, partial(commands.assign, person.actor, body), status=201)


@router.put("/progress/{progress_id}", response_model=ReportAnswer, summary="Correct a progress report")
async def edit_progress(
    progress_id: ChildId,
    body: EditProgressBody,
    person: Annotated[CurrentUser, requires("UPDATE:BOOKING_PROGRESS", roles=ADMINS)],
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """While it waits for the admin's word."""
    return await bookings.act(
        person,
        booking_of(progress_id),
        partial(commands.edit_progress, person.actor, progress_id, body),
        show=lambda seen, shape: as_report(seen.booking, shape, progress_id),
        named=f"progress report {progress_id}",
    )


@router.post(
    "/progress/{progress_id}/validate", response_model=BookingAnswer, summary="Approve a report or send it back"
)
async def validate_progress(
    progress_id: ChildId,
    person: Annotated[CurrentUser, requires("UPDATE:BOOKING_PROGRESS", roles=ADMINS)],
    bookings: Bookings,
    commands: Commands,
    body: Verdict | None = None,
) -> Response:
    """Approving counts its services as done."""
    verdict = body or Verdict()
    return await bookings.act(
        person,
        booking_of(progress_id),
        partial(commands.validate_progress, person.actor, progress_id, verdict),
        named=f"progress report {progress_id}",
    )


@router.put("/analysis/{booking_id}", response_model=BookingAnswer, summary="Correct an analysis, prices too")
async def edit_analysis(
    booking_id: BookingId,
    body: EditAnalysisBody,
    person: Annotated[CurrentUser, requires("UPDATE:BOOKING_ANALYSIS", roles=ADMINS)],
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """While it waits for the admin's word."""
    return await bookings.act(
        person,
        booking_id,
        partial(commands.edit_analysis, person.actor, booking_id, body),
    )


@router.post(
    "/analysis/{booking_id}/validate", response_model=BookingAnswer, summary="Approve an analysis or send it back"
)
async def validate_analysis(
    booking_id: BookingId,
    person: Annotated[CurrentUser, requires("UPDATE:BOOKING_ANALYSIS", roles=ADMINS)],
    bookings: Bookings,
    commands: Commands,
    body: Verdict | None = None,
) -> Response:
    """Approving makes it the customer's estimate, freezes the GST and opens the decision window."""
    verdict = body or Verdict()
    return await bookings.act(person, booking_id, partial(commands.validate_analysis, person.actor, verdict))
