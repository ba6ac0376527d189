"""Roles and what they may do."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from adapters.postgres.listings import Listing
from adapters.postgres.people import rbac
from adapters.postgres.statements import one
from api.auth.second_factor import WITH_FRESH_CODE
from api.dependencies import ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.responses import reply
from api.schemas.fields import LARGEST_ID
from api.schemas.rbac import NewScopes, RoleAnswer, ScopeAnswer

router = APIRouter(prefix="/rbac", tags=["rbac"])

RoleId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get(
    "/roles",
    response_model=list[RoleAnswer],
    dependencies=[requires("READ:RBAC")],
    summary="Roles, each with its scopes",
)
async def roles(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(rbac.ROLES), id=None)


@router.get(
    "/scopes",
    response_model=list[ScopeAnswer],
    dependencies=[requires("READ:RBAC")],
    summary="All scopes there are, and who has them",
)
async def scopes(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(rbac.SCOPES))


@router.put(
    "/roles/{role_id}/scopes",
    response_model=RoleAnswer,
    dependencies=[requires("UPDATE:RBAC"), WITH_FRESH_CODE],
    summary="Replace the scopes of a role, at once for everybody who has it",
)
async def change(connection: WriteTransaction, role_id: RoleId, body: NewScopes) -> Response:
    """Asks for a fresh code. Tokens stay valid: what their owners may do is looked up, not written in them."""
    await rbac.grant_exactly(connection, role_id, body.scopes)
    return reply(await one(connection, rbac.ROLES, id=role_id))
