"""Threads of two people and what they say in them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.dependencies import Auth, CurrentUser, OpenResources, WriteTransaction, requires
from api.lists import WantedPage
from api.responses import reply
from api.schemas.fields import LARGEST_BOOKING_ID
from domain.errors import BookingError
from domain.people import Role
from kinds.local_services.api.messaging import Writer, say
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.schemas.messages import (
    LARGEST_ID,
    MessageAnswer,
    NewMessage,
    NewThread,
    ReadUpTo,
    ThreadAnswer,
    ThreadRow,
)
from kinds.local_services.postgres.audit import record
from kinds.local_services.postgres.messages import Words, messages_of, read_messages
from kinds.local_services.postgres.threads import (
    OF_BOOKING,
    THREADS,
    UNREAD_FIRST,
    is_disputed,
    open_thread,
    stop_thread,
    thread_of,
    thread_of_booking,
)

router = APIRouter(prefix="/messages", tags=["messages"])

Reader = Annotated[CurrentUser, requires("READ:MESSAGES")]
Changer = Annotated[CurrentUser, requires("UPDATE:MESSAGES")]
ThreadId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[31])]
AMessage = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]
OfBooking = Annotated[int | None, Query(ge=1, le=LARGEST_BOOKING_ID, description="Those about this booking")]
UnreadFirst = Annotated[str | None, Query(pattern="^(first|true|1)$", description="`first`: unread ones come first")]
Most = Annotated[int, Query(ge=1, le=100, description="How many messages at most")]


@router.get("/threads", response_model=list[ThreadRow], summary="My threads, the newest first")
async def threads(
    person: Reader, opened: OpenResources, wanted: WantedPage, unread: UnreadFirst = None, booking_id: OfBooking = None
) -> Response:
    """Admins have those of a booking with a dispute that is open, or was decided within 30 days; each reading is in
    the audit log."""
    if person.role == Role.ADMIN and booking_id is not None:
        async with opened.database.write.begin() as connection:
            if await is_disputed(connection, booking_id):
                await record(connection, person.id, "thread-read", "booking", booking_id)
                return await wanted.of(connection, OF_BOOKING, viewer="", booking_id=booking_id)
    async with opened.database.read.connect() as connection:
        listing = UNREAD_FIRST if unread else THREADS
        return await wanted.of(connection, listing, viewer=person.id, booking_id=booking_id)


@router.post(
    "/threads",
    status_code=201,
    response_model=ThreadRow,
    responses={200: {"model": ThreadRow, "description": "The one that exists"}},
    summary="Write to somebody",
)
async def begin(person: Writer, opened: OpenResources, auth: Auth, policy: PolicyNow, body: NewThread) -> Response:
    """One thread for each pair and booking: 200 with the one that exists. Anybody may write to a provider with an
    active listing, and the parties of a booking to each other."""
    async with auth.writing() as connection:
        thread_id, new = await open_thread(connection, person.id, body.receiver_id, body.booking_id)
        if body.content is not None:
            await say(opened, policy, connection, person, thread_id, Words(body.content))
        return reply(await thread_of(connection, thread_id, person.id), 201 if new else 200)


@router.get("/threads/{thread_id}", response_model=ThreadAnswer, summary="A thread with its last messages")
async def thread(
    person: Reader,
    opened: OpenResources,
    thread_id: ThreadId,
    before_id: AMessage = None,
    after_id: AMessage = None,
    limit: Most = 50,
) -> Response:
    """The oldest first: the last ones, the last ones before `before_id`, or the first ones after `after_id`."""
    async with opened.database.read.connect() as connection:
        try:
            found = await thread_of(connection, thread_id, person.id)
        except BookingError:
            if person.role != Role.ADMIN:
                raise
            found = await thread_of_booking(connection, thread_id)
            await record(connection, person.id, "thread-read", "booking", found["booking_id"], thread_id=thread_id)
        return reply({**found, "messages": await messages_of(connection, thread_id, limit, before_id, after_id)})


@router.post(
    "/threads/{thread_id}/messages", status_code=201, response_model=MessageAnswer, summary="Say something in a thread"
)
async def send(
    person: Writer, opened: OpenResources, auth: Auth, policy: PolicyNow, thread_id: ThreadId, body: NewMessage
) -> Response:
    """The same `client_id` answers as the first one did, and tells nobody again."""
    async with auth.writing() as connection:
        return reply(await say(opened, policy, connection, person, thread_id, body.words), 201)


@router.post("/threads/{thread_id}/read", response_model=ThreadRow, summary="I have read up to a message")
async def read(person: Changer, connection: WriteTransaction, thread_id: ThreadId, body: ReadUpTo) -> Response:
    await read_messages(connection, thread_id, person.id, body.last_id)
    return reply(await thread_of(connection, thread_id, person.id))


@router.post("/threads/{thread_id}/block", response_model=ThreadRow, summary="Stop a thread: neither writes any more")
async def block(person: Changer, connection: WriteTransaction, thread_id: ThreadId) -> Response:
    await stop_thread(connection, thread_id, person.id, stopped=True)
    return reply(await thread_of(connection, thread_id, person.id))


@router.delete("/threads/{thread_id}/block", response_model=ThreadRow, summary="Take one's own block back")
async def unblock(
    person: Annotated[CurrentUser, requires("DELETE:MESSAGES")], connection: WriteTransaction, thread_id: ThreadId
) -> Response:
    await stop_thread(connection, thread_id, person.id, stopped=False)
    return reply(await thread_of(connection, thread_id, person.id))
