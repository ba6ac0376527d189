"""The front desk: one way for every deed on a booking. Ownership, then the errand, the facts, the deed, the answer.

An errand with an ``Idempotency-Key`` is done once and answered the same every time, refusals of the booking included.
What is no decision (a part is down, not finished in time) is not kept: repeating it with the same key is safe.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from adapters.postgres.booking_reads import BookingReads, Seen
from adapters.postgres.idempotency import Answer, Claim, Errand, IdempotencyKeys
from api.booking_plans import BookingPlanner
from api.booking_requests import BookingRequests
from api.engine import BookingEngine
from api.errors import refusal_body
from api.schemas.bookings import CreateBooking, RescheduleBooking
from domain.errors import BookingError, Conflict, Invalid, NotAllowed, NotFound, NotYours, PaymentProblem
from domain.kinds.vehicle_service.requests import Asked
from domain.kinds.vehicle_service.view import detail
from domain.people import Actor, Role

DECISIONS = (NotFound, NotAllowed, Conflict, PaymentProblem, Invalid)
"""Refusals that are answers: a repeat of the errand gets the same one."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What marks a request for repeating: its route with path, its key (if it has one), and a hash of what it says."""

    route: str
    key: str | None
    request_hash: str


class Desk:
    """Where routes bring what people want of bookings."""

    def __init__(
        self,
        *,
        engine: BookingEngine,
        reads: BookingReads,
        keys: IdempotencyKeys,
        planner: BookingPlanner,
        requests: BookingRequests,
        key_id: str,
    ) -> None:
        self.engine = engine
        self.reads = reads
        self.requests = requests
        self._keys = keys
        self._planner = planner
        self._key_id = key_id

    async def create(self, person: Actor, wish: CreateBooking, ticket: Ticket) -> Answer:
        """A new booking, 201. A repeat after a crash finds the booking that was made."""
        customer = _whose(person, wish)

        async def make(claim: Claim | None, update_id: str) -> Answer:
            if claim is not None and not claim.fresh and (made := await self._made(claim, person)):
                return made
            number = claim.booking_id if claim else None
            booking = await self._planner.booking(wish, customer, number, datetime.now(UTC))
            await self.engine.open(booking, person, update_id)
            return self._answer(await self.reads.detail(booking.id, person), person, status=201)

        return await self.once(person.id, ticket, make, mints=True)

    async def act(
        self,
        person: Actor,
        booking_id: int,
        ticket: Ticket,
        build: Callable[[], Awaitable[Asked]],
        *,
        show: Callable[[Seen, Json], Json] = lambda _, shape: shape,
        status: int = 200,
        named: str | None = None,
    ) -> Answer:
        """Ask something of a booking that is the person's to see; answers the booking as it stands then."""
        version = await self.reads.must_be_seen_by(person, booking_id, named)

        async def do(_: Claim | None, update_id: str) -> Answer:
            await self.engine.act(booking_id, await build(), update_id, version)
            return self._answer(await self.reads.detail(booking_id, person), person, show, status)

        return await self.once(person.id, ticket, do)

    async def reschedule(self, person: Actor, booking_id: int, wish: RescheduleBooking, ticket: Ticket) -> Answer:
        """New times; what the wish leaves open is as the booking has it."""

        async def build() -> Asked:
            seen = await self.reads.detail(booking_id, person)
            return await self._planner.reschedule(wish, seen.booking, person, datetime.now(UTC))

        return await self.act(person, booking_id, ticket, build)

    async def once(
        self,
        user_id: str,
        ticket: Ticket,
        deed: Callable[[Claim | None, str], Awaitable[Answer]],
        *,
        mints: bool = False,
    ) -> Answer:
        """Do it, unless it was done under this key before."""
        if ticket.key is None:
            return await deed(None, str(uuid.uuid4()))
        errand = Errand(user_id, ticket.route, ticket.key, ticket.request_hash)
        claim = await self._keys.claim(errand, mints=mints)
        if claim.answer is not None:
            return claim.answer
        return await self._keys.remember(errand, await _decided(deed(claim, claim.update_id)))

    def shown(self, seen: Seen, person: Actor) -> Json:
        """The booking as this person sees it."""
        return detail(seen.booking, person, self._key_id, seen.timeline)

    async def _made(self, claim: Claim, person: Actor) -> Answer | None:
        try:
            return self._answer(await self.reads.detail(claim.booking_id or 0, person), person, status=201)
        except NotFound:
            return None

    def _answer(
        self,
        seen: Seen,
        person: Actor,
        show: Callable[[Seen, Json], Json] = lambda _, shape: shape,
        status: int = 200,
    ) -> Answer:
        return Answer(status, orjson.dumps(show(seen, self.shown(seen, person))).decode())


async def _decided(deed: Awaitable[Answer]) -> Answer:
    try:
        return await deed
    except DECISIONS as refusal:
        return _refused(refusal)


def _refused(refusal: BookingError) -> Answer:
    status, body = refusal_body(refusal)
    return Answer(status, orjson.dumps(body).decode())


def _whose(person: Actor, wish: CreateBooking) -> str:
    """Customers book for themselves, admins for a customer."""
    if person.role is Role.CUSTOMER:
        if wish.customer_id not in (None, person.id):
            raise NotYours("a customer books for themselves only")
        return person.id
    if wish.customer_id is None:
        raise Invalid("customer_id is needed: whose booking is it?")
    return wish.customer_id
