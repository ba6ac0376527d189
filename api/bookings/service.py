"""One way for every command on a booking: ownership, idempotency key, facts, command, answer.

A request with an ``Idempotency-Key`` is done once and answered the same every time, refusals of the booking included.
What is no decision (a server is down, not finished in time) is not stored: repeating it with the same key is safe.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypedDict

import orjson

from adapters.postgres.booking_queries import BookingQueries, BookingWithTimeline, missing
from adapters.postgres.idempotency import Claim, IdempotencyKeys, IdempotentRequest, StoredResponse
from adapters.postgres.pauses import Pauses
from api.bookings.client import BookingClient
from api.errors import refusal_body
from domain.booking import Booking
from domain.commands import Command, CommandWithOrder
from domain.decide import needs_order
from domain.errors import BookingError, Conflict, Invalid, NotAllowed, NotFound, PaymentProblem
from domain.kind import BookingKind, ViewContext
from domain.people import Actor
from domain.shop_pauses import Paused
from domain.views import detail

DECISIONS = (NotFound, NotAllowed, Conflict, PaymentProblem, Invalid)
"""Refusals that are answers: a repeat of the request gets the same one."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What identifies a request: its method and path, its idempotency key (if it has one), and a hash of its body."""

    route: str
    key: str | None
    request_hash: str

    def of(self, user_id: str) -> IdempotentRequest | None:
        """The request by a user; None when it has no key."""
        return None if self.key is None else IdempotentRequest(user_id, self.route, self.key, self.request_hash)


class Answering(TypedDict, total=False):
    """How ``BookingService.act`` answers, where it is not with the booking."""

    show: Callable[[BookingWithTimeline[Any], Json], Json]
    read: Callable[[BookingWithTimeline[Any]], Awaitable[str]]
    status: int
    named: str
    refusals: Mapping[type[BookingError], BookingError]


class BookingService:
    """Performs commands on bookings for the routes."""

    def __init__(
        self,
        kind: BookingKind[Any],
        client: BookingClient,
        queries: BookingQueries[Any],
        keys: IdempotencyKeys,
        pauses: Pauses,
        key_id: str,
    ) -> None:
        self._kind = kind
        self._client = client
        self._queries = queries
        self._keys = keys
        self._pauses = pauses
        self._key_id = key_id

    async def create(
        self, user: Actor, request_key: RequestKey, build: Callable[[int | None], Awaitable[Booking]]
    ) -> StoredResponse:
        """A new booking, 201. A repeat after a crash finds the booking that was made.

        ``build`` gets the number that was reserved for the booking under the request's key; None: it takes a new one.

        Raises:
            BookingsPaused: the shop takes no new ones; what was made before is answered.
        """

        async def make(claim: Claim | None, request_id: str) -> StoredResponse:
            if claim is not None and not claim.fresh and (made := await self._made(claim, user)):
                return made
            await self._pauses.must_not_hold(Paused.BOOKINGS)
            booking = await build(claim.booking_id if claim else None)
            await self._client.open(booking, user, request_id)
            return self._answer(await self._queries.detail(booking.id, user), user, status=201)

        return await self.once(user.id, request_key, make, mints=True)

    async def act(
        self,
        user: Actor,
        booking_id: int,
        request_key: RequestKey,
        build: Callable[[], Awaitable[Command]],
        *,
        show: Callable[[BookingWithTimeline[Any], Json], Json] = lambda _, shape: shape,
        read: Callable[[BookingWithTimeline[Any]], Awaitable[str]] | None = None,
        status: int = 200,
        named: str | None = None,
        refusals: Mapping[type[BookingError], BookingError] = MappingProxyType({}),
    ) -> StoredResponse:
        """Perform a command on a booking that the user may see; answers the booking as it stands then.

        Who gave the booking away with this command does not see it any more: they are told its status and version,
        and told so again when they repeat the request.

        ``build`` makes the command; ``show`` changes the answer, ``read`` reads another one; ``named`` is what a 404
        names instead of the booking; ``refusals`` replaces errors by those that the route documents.
        """
        request = request_key.of(user.id)
        if request is None:
            version, claim = await self._queries.visible_version(user, booking_id, named), None
        elif found := await self._keys.claim_if_visible(request, booking_id, self._kind, user):
            version, claim = found
        elif earlier := await self._keys.answer(request):
            return earlier
        else:
            raise missing(booking_id, named)

        async def perform(_: Claim | None, request_id: str) -> StoredResponse:
            try:
                command = await build()
                await self._must_need_no_paused_order(user, booking_id, command)
                ack = await self._client.perform(booking_id, command, request_id, version)
            except tuple(refusals) as refusal:
                raise next(other for family, other in refusals.items() if isinstance(refusal, family)) from None
            try:
                seen = await self._queries.detail(booking_id, user)
            except NotFound:
                return StoredResponse(status, orjson.dumps(ack).decode())
            return self._answer(seen, user, show, status) if read is None else StoredResponse(status, await read(seen))

        return await self._answered(request, claim, perform)

    async def once(
        self,
        user_id: str,
        request_key: RequestKey,
        do: Callable[[Claim | None, str], Awaitable[StoredResponse]],
        *,
        mints: bool = False,
    ) -> StoredResponse:
        """Do it, unless it was done under this key before."""
        request = request_key.of(user_id)
        claim = await self._keys.claim(request, mints=mints) if request else None
        return await self._answered(request, claim, do)

    async def _answered(
        self,
        request: IdempotentRequest | None,
        claim: Claim | None,
        do: Callable[[Claim | None, str], Awaitable[StoredResponse]],
    ) -> StoredResponse:
        if request is None or claim is None:
            return await do(None, str(uuid.uuid4()))
        if claim.response is not None:
            return claim.response
        return await self._keys.store(request, await _decided(do(claim, claim.request_id)))

    def shown(self, seen: BookingWithTimeline[Any], user: Actor) -> Json:
        """The booking as this user sees it."""
        context = ViewContext(self._key_id, seen.people, seen.beside)
        shape = detail(self._kind, seen.booking, user, context, seen.timeline)
        if seen.problem is not None and "attention" in shape:
            shape["attention"].append(seen.problem)
        return shape

    async def _must_need_no_paused_order(self, user: Actor, booking_id: int, command: Command) -> None:
        """Before the workflow is asked: it keeps its answer to a request, and this one is to be asked again.

        Raises:
            PaymentsPaused: the command would be granted with a new order, and the shop takes no payments online.
        """
        if not isinstance(command, CommandWithOrder) or (found := await self._pauses.holding(Paused.PAYMENTS)) is None:
            return
        pause, now = found
        booking = (await self._queries.detail(booking_id, user)).booking
        if needs_order(self._kind, booking, command, now):
            raise pause.refusal(now, self._pauses.timezone)

    async def _made(self, claim: Claim, user: Actor) -> StoredResponse | None:
        try:
            return self._answer(await self._queries.detail(claim.booking_id or 0, user), user, status=201)
        except NotFound:
            return None

    def _answer(
        self,
        seen: BookingWithTimeline[Any],
        user: Actor,
        show: Callable[[BookingWithTimeline[Any], Json], Json] = lambda _, shape: shape,
        status: int = 200,
    ) -> StoredResponse:
        return StoredResponse(status, orjson.dumps(show(seen, self.shown(seen, user))).decode())


async def _decided(answer: Awaitable[StoredResponse]) -> StoredResponse:
    try:
        return await answer
    except DECISIONS as refusal:
        return _refused(refusal)


def _refused(refusal: BookingError) -> StoredResponse:
    status, body = refusal_body(refusal)
    return StoredResponse(status, orjson.dumps(body).decode())
