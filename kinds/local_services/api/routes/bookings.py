"""Bookings for their two people: requested, negotiated, paid, done; and their list."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres.booking_queries import BookingWithTimeline
from api.bookings.dependencies import BookingId, Bookings, Services
from api.dependencies import CurrentUser, OpenResources, ReadConnection, requires
from api.lists import WantedPage
from api.responses import reply
from api.schemas.fields import LARGEST_ID
from domain.billing.views import when
from domain.errors import Invalid, NotYours
from domain.people import Role as EngineRole
from kinds.local_services.api.dependencies import Requests, must_not_exceed
from kinds.local_services.api.filters import Narrowed
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.schemas.booking_answers import BookingAnswer, CancellationPreview, IntentAnswer, ListRow
from kinds.local_services.api.schemas.bookings import NewBooking, NewOffer, StatusChange
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.cancellation import preview
from kinds.local_services.domain.commands import DeclineOffer, PayIntent
from kinds.local_services.domain.roles import Role
from kinds.local_services.domain.views.parts import quote_view
from kinds.local_services.postgres.booking_lists import Side, Sort, bookings_of

router = APIRouter(prefix="/bookings", tags=["bookings"])

PARTIES = (Role.SEEKER, Role.PROVIDER)
Reader = Annotated[CurrentUser, requires("READ:BOOKINGS")]
Writer = Annotated[CurrentUser, requires("WRITE:BOOKINGS")]
Changer = Annotated[CurrentUser, requires("UPDATE:BOOKINGS")]
Party = Annotated[CurrentUser, requires("UPDATE:BOOKINGS", roles=PARTIES)]
Payer = Annotated[CurrentUser, requires("WRITE:PAYMENTS", roles=PARTIES)]
OfferId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The offer's number in its booking")]


@router.post("/", status_code=201, response_model=BookingAnswer, summary="Request a service")
async def request(
    wish: NewBooking,
    person: Writer,
    bookings: Bookings,
    requests: Requests,
    opened: OpenResources,
    policy: PolicyNow,
) -> Response:
    """The provider's time is held at once; he accepts, declines or makes an offer of his own. 409 `SlotTaken` and
    `OutsideSchedule` come with `next_free_slots`."""
    await must_not_exceed(opened, person, "requests", policy.requests_per_minute)
    build = partial(requests.booking, wish, requester_of(person, wish), now=datetime.now(UTC))
    return await bookings.create(person, build)


@router.get("/", response_model=list[ListRow], summary="My bookings, the newest first; admins: all")
async def own(
    person: Reader,
    connection: ReadConnection,
    services: Services,
    wanted: WantedPage,
    narrowed: Narrowed,
    role: Annotated[Side | None, Query(description="As whom; both when it is left out")] = None,
    sort: Annotated[Sort, Query(description="By what, with a minus from the end")] = "-created_at",
) -> Response:
    """Rows without timeline."""
    listing, given = bookings_of(person.actor, role, sort, narrowed)

    def seen(row: dict[str, Any]) -> dict[str, Any]:
        found: BookingWithTimeline[ServiceBooking] = services.queries.listed(row)
        shape = services.bookings.shown(found, person.actor)
        return {name: value for name, value in shape.items() if name != "timeline"}

    return await wanted.of(connection, listing, seen, **given)


@router.patch("/{booking_id}/status", response_model=BookingAnswer, summary="Move a booking on, or call it off")
async def status(
    booking_id: BookingId, body: StatusChange, person: Changer, bookings: Bookings, requests: Requests
) -> Response:
    """`version` is the one that was read: 409 `StaleVersion` when the booking has moved since. COMPLETED of a completed
    booking confirms it. `no_show`: the other party did not come."""
    return await bookings.act(person, booking_id, partial(requests.status_change, person.actor, booking_id, body))


@router.get("/{booking_id}/cancellation", response_model=CancellationPreview, summary="What cancelling would cost now")
async def cancellation(
    booking_id: BookingId,
    person: Reader,
    services: Services,
    requests: Requests,
    no_show: Annotated[bool, Query(description="Because the other party did not come")] = False,
    fee_percent: Annotated[int | None, Query(ge=0, le=100, description="What an admin has kept")] = None,
) -> Response:
    """The same function computes the fee when the booking is cancelled."""
    booking = (await services.queries.detail(booking_id, person.actor)).booking
    wish = StatusChange(status=Status.CANCELLED, no_show=no_show, fee_percent=fee_percent)
    command = await requests.cancellation(person.actor, booking_id, wish)
    return reply(quote_view(preview(booking, command, datetime.now(UTC))))


@router.post("/{booking_id}/offers", status_code=201, response_model=BookingAnswer, summary="Offer a price or a time")
async def offer(
    booking_id: BookingId,
    body: NewOffer,
    person: Party,
    bookings: Bookings,
    requests: Requests,
    opened: OpenResources,
    policy: PolicyNow,
) -> Response:
    """It replaces the open one. Of an accepted booking only the time can change."""
    await must_not_exceed(opened, person, "offers", policy.offers_per_minute)
    return await bookings.act(person, booking_id, requests.offer(person.actor, body), status=201)


@router.post("/{booking_id}/offers/{offer_id}/accept", response_model=BookingAnswer, summary="Accept an offer")
async def accept_offer(
    booking_id: BookingId, offer_id: OfferId, person: Party, bookings: Bookings, requests: Requests
) -> Response:
    """A request is accepted with it, or an accepted booking gets another time."""
    return await bookings.act(person, booking_id, partial(requests.acceptance, person.actor, booking_id, offer_id))


@router.post("/{booking_id}/offers/{offer_id}/decline", response_model=BookingAnswer, summary="Decline an offer")
async def decline_offer(booking_id: BookingId, offer_id: OfferId, person: Party, bookings: Bookings) -> Response:
    """A request ends with it; an accepted booking stays as it is."""
    return await bookings.act(person, booking_id, DeclineOffer(person.actor, offer_id))


@router.post(
    "/{booking_id}/payment-intents", status_code=201, response_model=IntentAnswer, summary="Begin to pay online"
)
async def pay(booking_id: BookingId, person: Payer, bookings: Bookings) -> Response:
    """Asked again it answers with the same order, while that lives."""
    return await bookings.act(person, booking_id, PayIntent(person.actor), show=_intent, status=201)


def requester_of(person: CurrentUser, wish: NewBooking) -> str:
    """Whose request it will be: people ask for themselves, admins for somebody.

    Raises:
        NotYours: somebody names another person.
        Invalid: an admin names nobody.
    """
    if person.role != EngineRole.ADMIN:
        if wish.requester_id not in (None, person.id):
            raise NotYours("people request services for themselves only")
        return person.id
    if wish.requester_id is None:
        raise Invalid("requester_id is needed: whose request is it?")
    return wish.requester_id


def _intent(seen: BookingWithTimeline[ServiceBooking], shape: dict[str, Any]) -> dict[str, Any]:
    order = seen.booking.live_order()
    until = order.expires_at if order else None
    return {"checkout": shape["checkout"], "expires_at": when(until)}
