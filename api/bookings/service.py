"""One way for every command on a booking: ownership, idempotency key, facts, command, answer.

A request with an ``Idempotency-Key`` is done once and answered the same every time, refusals of the booking included.
What is no decision (a server is down, not finished in time) is not stored: repeating it with the same key is safe.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from adapters.postgres.booking_queries import BookingQueries, BookingWithTimeline
from adapters.postgres.idempotency import Claim, IdempotencyKeys, IdempotentRequest, StoredResponse
from api.bookings.client import BookingClient
from api.bookings.commands import CommandFactory
from api.bookings.factory import BookingFactory
from api.errors import refusal_body
from api.schemas.bookings import CreateBooking, RescheduleBooking
from domain.commands import Command
from domain.errors import BookingError, Conflict, Invalid, NotAllowed, NotFound, NotYours, PaymentProblem
from domain.people import Actor, Role
from kinds.vehicle_service.domain.view import detail

DECISIONS = (NotFound, NotAllowed, Conflict, PaymentProblem, Invalid)
"""Refusals that are answers: a repeat of the request gets the same one."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What identifies a request: its method and path, its idempotency key (if it has one), and a hash of its body."""

    route: str
    key: str | None
    request_hash: str


class BookingService:
    """Performs commands on bookings for the routes."""

    def __init__(
        self,
        *,
        client: BookingClient,
        queries: BookingQueries,
        keys: IdempotencyKeys,
        factory: BookingFactory,
        commands: CommandFactory,
        key_id: str,
    ) -> None:
        self.client = client
        self.queries = queries
        self.commands = commands
        self._keys = keys
        self._factory = factory
        self._key_id = key_id

    async def create(self, person: Actor, wish: CreateBooking, request_key: RequestKey) -> StoredResponse:
        """A new booking, 201. A repeat after a crash finds the booking that was made."""
        customer = _customer_of(person, wish)

        async def make(claim: Claim | None, update_id: str) -> StoredResponse:
            if claim is not None and not claim.fresh and (made := await self._made(claim, person)):
                return made
            number = claim.booking_id if claim else None
            booking = await self._factory.booking(wish, customer, number, datetime.now(UTC))
            await self.client.open(booking, person, update_id)
            return self._answer(await self.queries.detail(booking.id, person), person, status=201)

        return await self.once(person.id, request_key, make, mints=True)

    async def act(
        self,
        person: Actor,
        booking_id: int,
        request_key: RequestKey,
        build: Callable[[], Awaitable[Command]],
        *,
        show: Callable[[BookingWithTimeline, Json], Json] = lambda _, shape: shape,
        status: int = 200,
        named: str | None = None,
    ) -> StoredResponse:
        """Ask something of a booking that is the person's to see; answers the booking as it stands then."""
        version = await self.queries.visible_version(person, booking_id, named)

        async def do(_: Claim | None, update_id: str) -> StoredResponse:
            await self.client.act(booking_id, await build(), update_id, version)
            return self._answer(await self.queries.detail(booking_id, person), person, show, status)

        return await self.once(person.id, request_key, do)

    async def reschedule(
        self, person: Actor, booking_id: int, wish: RescheduleBooking, request_key: RequestKey
    ) -> StoredResponse:
        """New times; what the wish leaves open is as the booking has it."""

        async def build() -> Command:
            seen = await self.queries.detail(booking_id, person)
            return await self._factory.reschedule(wish, seen.booking, person, datetime.now(UTC))

        return await self.act(person, booking_id, request_key, build)

    async def once(
        self,
        user_id: str,
        request_key: RequestKey,
        do: Callable[[Claim | None, str], Awaitable[StoredResponse]],
        *,
        mints: bool = False,
    ) -> StoredResponse:
        """Do it, unless it was done under this key before."""
        if request_key.key is None:
            return await do(None, str(uuid.uuid4()))
        request = IdempotentRequest(user_id, request_key.route, request_key.key, request_key.request_hash)
        claim = await self._keys.claim(request, mints=mints)
        if claim.response is not None:
            return claim.response
        return await self._keys.store(request, await _decided(do(claim, claim.update_id)))

    def shown(self, seen: BookingWithTimeline, person: Actor) -> Json:
        """The booking as this person sees it."""
        return detail(seen.booking, person, self._key_id, seen.timeline)

    async def _made(self, claim: Claim, person: Actor) -> StoredResponse | None:
        try:
            return self._answer(await self.queries.detail(claim.booking_id or 0, person), person, status=201)
        except NotFound:
            return None

    def _answer(
        self,
        seen: BookingWithTimeline,
        person: Actor,
        show: Callable[[BookingWithTimeline, Json], Json] = lambda _, shape: shape,
        status: int = 200,
    ) -> StoredResponse:
        return StoredResponse(status, orjson.dumps(show(seen, self.shown(seen, person))).decode())


async def _decided(answer: Awaitable[StoredResponse]) -> StoredResponse:
    try:
        return await answer
    except DECISIONS as refusal:
        return _refused(refusal)


def _refused(refusal: BookingError) -> StoredResponse:
    status, body = refusal_body(refusal)
    return StoredResponse(status, orjson.dumps(body).decode())


def _customer_of(person: Actor, wish: CreateBooking) -> str:
    """Customers book for themselves, admins for a customer."""
    if person.role is Role.CUSTOMER:
        if wish.customer_id not in (None, person.id):
            raise NotYours("a customer books for themselves only")
        return person.id
    if wish.customer_id is None:
        raise Invalid("customer_id is needed: whose booking is it?")
    return wish.customer_id
