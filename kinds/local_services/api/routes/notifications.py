"""What somebody was told, and the devices that show it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from api.dependencies import CurrentUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.responses import done, reply
from api.schemas.answers import Message
from kinds.local_services.api.schemas.notifications import DeviceAnswer, NewDevice, ReadAll, UserNotificationAnswer
from kinds.local_services.domain.notices import TYPES
from kinds.local_services.postgres import notifications as rows

router = APIRouter(prefix="/notifications", tags=["notifications"])

_LARGEST = 2**53 - 1
NotificationId = Annotated[int, Path(ge=1, le=_LARGEST, examples=[4711])]
DeviceId = Annotated[int, Path(ge=1, le=_LARGEST, examples=[12])]
Type = Literal[TYPES]  # type: ignore[valid-type]
Reader = Annotated[CurrentUser, requires("READ:NOTIFICATIONS")]
_UNREAD: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"X-Unread-Count": {"description": "How many are unread", "schema": {"type": "integer"}}}}
}


@router.get(
    "/", response_model=list[UserNotificationAnswer], responses=_UNREAD, summary="What one was told, the newest first"
)
async def notifications(
    person: Reader,
    connection: ReadConnection,
    wanted: WantedPage,
    is_read: Annotated[bool | None, Query(description="Only read ones, or only unread ones")] = None,
    of_type: Annotated[Type | None, Query(alias="type", description="Only of this type")] = None,
) -> Response:
    """Kept for 90 days. `X-Unread-Count` is of all, whatever is asked for."""
    narrowed = {"person": person.id, "is_read": is_read, "type": of_type}
    answer, beside = await wanted.with_beside(connection, rows.NOTIFICATIONS, **narrowed)
    answer.headers["X-Unread-Count"] = str(beside["unread"] if beside else 0)
    return answer


@router.post("/read-all", response_model=ReadAll, summary="Have read everything")
async def read_all(
    person: Annotated[CurrentUser, requires("UPDATE:NOTIFICATIONS")], connection: WriteTransaction
) -> Response:
    return reply({"updated": await rows.mark_all_read(connection, person.id)})


@router.patch("/{notification_id}/read", response_model=UserNotificationAnswer, summary="Have read it")
async def read(
    person: Annotated[CurrentUser, requires("UPDATE:NOTIFICATIONS")],
    connection: WriteTransaction,
    notification_id: NotificationId,
) -> Response:
    """Twice is the same."""
    return reply(await rows.mark_read(connection, person.id, notification_id))


@router.get("/device-tokens", response_model=list[DeviceAnswer], summary="One's devices, the newest first")
async def devices(person: Reader, connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, rows.DEVICES, person=person.id)


@router.post("/device-tokens", status_code=201, response_model=DeviceAnswer, summary="Have pushes on this device")
async def register(
    person: Annotated[CurrentUser, requires("WRITE:NOTIFICATIONS")], connection: WriteTransaction, body: NewDevice
) -> Response:
    """A token that somebody else has registered is the caller's from now on; of ten devices the oldest goes."""
    return reply(await rows.register_device(connection, person.id, body.token, body.platform), 201)


@router.delete("/device-tokens/{device_id}", response_model=Message, summary="No pushes on that device any more")
async def unregister(
    person: Annotated[CurrentUser, requires("DELETE:NOTIFICATIONS")], connection: WriteTransaction, device_id: DeviceId
) -> Response:
    await rows.remove_device(connection, person.id, device_id)
    return done("there are no pushes on that device any more")
