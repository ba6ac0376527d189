"""What was done to people, listings and bookings beside their timelines, for admins."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.dependencies import ReadConnection, requires
from api.lists import WantedPage
from api.schemas.people_fields import Text
from kinds.local_services.api.schemas.bookings import Moment
from kinds.local_services.api.schemas.people_answers import AuditAnswer
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres.audit import ACTIONS, ENTRIES, TARGETS

router = APIRouter(prefix="/audit-log", tags=["audit"])

Action = Literal[ACTIONS]  # type: ignore[valid-type]
Target = Literal[TARGETS]  # type: ignore[valid-type]


@router.get(
    "",
    response_model=list[AuditAnswer],
    summary="What was done, the newest first",
    dependencies=[requires("READ:AUDIT", roles=(Role.ADMIN,))],
)
async def entries(
    connection: ReadConnection,
    wanted: WantedPage,
    actor_id: Annotated[Text | None, Query(max_length=40)] = None,
    action: Annotated[Action | None, Query()] = None,
    target_type: Annotated[Target | None, Query()] = None,
    target_id: Annotated[Text | None, Query(max_length=40)] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> Response:
    """`from` and `to` are moments with a time zone, both inclusive."""
    narrowed = {"actor": actor_id, "action": action, "type": target_type, "target": target_id}
    return await wanted.of(connection, ENTRIES, **narrowed, since=since, until=until)
