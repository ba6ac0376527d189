"""What mechanics can be assigned to."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from adapters.postgres.listings import Listing
from api.dependencies import ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from kinds.vehicle_service.api.schemas.mechanics import AssignmentTypeBody, AssignmentTypeChange
from kinds.vehicle_service.api.schemas.people_answers import AssignmentTypeAnswer
from kinds.vehicle_service.postgres.assignment_types import (
    add_assignment_type,
    remove_assignment_type,
    rename_assignment_type,
)
from kinds.vehicle_service.postgres.catalogue import ASSIGNMENT_TYPES

router = APIRouter(prefix="/mechanics/assignment_type", tags=["mechanics"])

TypeId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get(
    "",
    response_model=list[AssignmentTypeAnswer],
    summary="What a mechanic can be assigned to",
    dependencies=[requires("READ:UTILS")],
)
async def assignment_types(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(ASSIGNMENT_TYPES))


@router.post(
    "",
    status_code=201,
    response_model=AssignmentTypeAnswer,
    summary="Add an assignment type",
    dependencies=[requires("WRITE:UTILS")],
)
async def add_type(connection: WriteTransaction, body: AssignmentTypeBody) -> Response:
    return reply(await add_assignment_type(connection, body.name), 201)


@router.put(
    "/{type_id}",
    response_model=AssignmentTypeAnswer,
    summary="Rename an assignment type",
    dependencies=[requires("UPDATE:UTILS")],
)
async def rename_type(connection: WriteTransaction, type_id: TypeId, body: AssignmentTypeChange) -> Response:
    """409 for pickup, drop, service and analysis: the life of a booking is made of them."""
    return reply(await rename_assignment_type(connection, type_id, body.name))


@router.delete(
    "/{type_id}",
    response_model=Message,
    summary="Remove an assignment type",
    dependencies=[requires("DELETE:UTILS")],
)
async def remove_type(connection: WriteTransaction, type_id: TypeId) -> Response:
    """409 for those that the life of a booking is made of."""
    await remove_assignment_type(connection, type_id)
    return done("the assignment type was removed")
