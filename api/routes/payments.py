"""Lists of payments and refunds, and the retry of a refund."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response

from adapters.postgres.booking_queries import BookingWithTimeline
from adapters.postgres.idempotency import StoredResponse
from api.auth.second_factor import Fresh
from api.bookings.dependencies import (
    Bookings,
    ChildId,
    MoneyFiltered,
    Page,
    Services,
    reply,
)
from api.dependencies import CurrentUser, requires
from api.kind import BookingModels
from api.lists import listed
from api.schemas.payment_answers import RefundAnswer
from domain.billing.refund_retries import latest_attempt
from domain.children import booking_of
from domain.commands import Command, RetryRefund
from domain.errors import ActionNotAllowed, NothingPending
from domain.money import paise
from domain.people import Role

Payee = Annotated[CurrentUser, requires("READ:PAYMENTS")]
PAYMENTS, REFUNDS = "payments", "refunds"


def payment_routes(models: BookingModels) -> APIRouter:
    """The routes, in the shapes of a kind."""
    router = APIRouter(prefix="/payment", tags=["payments"])
    rows: Any = list[models.payment]  # type: ignore[name-defined]

    @router.get("/", response_model=rows, summary="Payments, newest first")
    async def payments(
        request: Request, person: Payee, services: Services, part: Page, narrowed: MoneyFiltered
    ) -> Response:
        """A customer's own; all for an admin; none for who reads no amounts."""
        return listed(request, await services.payment_queries.page(PAYMENTS, person.actor, narrowed, part), part)

    @router.get("/refunds", response_model=list[RefundAnswer], summary="Refunds, newest first")
    async def refunds(
        request: Request,
        person: Annotated[CurrentUser, requires("READ:REFUNDS")],
        services: Services,
        part: Page,
        narrowed: MoneyFiltered,
    ) -> Response:
        """A customer's own; all for an admin."""
        return listed(request, await services.payment_queries.page(REFUNDS, person.actor, narrowed, part), part)

    @router.get("/{payment_id}", response_model=models.payment, summary="A payment")
    async def payment(payment_id: ChildId, person: Payee, services: Services) -> Response:
        """By the id that the booking and the list show."""
        return reply(StoredResponse(200, await services.payment_queries.one(PAYMENTS, person.actor, payment_id)))

    @router.post("/refunds/{refund_id}/retry", response_model=RefundAnswer, summary="Try a refund now")
    async def retry_refund(
        refund_id: ChildId,
        person: Annotated[CurrentUser, requires("WRITE:REFUNDS", roles=(Role.ADMIN,))],
        bookings: Bookings,
        services: Services,
        fresh: Fresh,
    ) -> Response:
        """Instead of waiting for the next try, also when the automatic ones are over.

        409 when nothing is owed, or while a dispute of the payment is open.

        A refund that failed gets a new attempt, which is then the answer. A large one (`REVCARE_REFUND_WITHOUT_CODE`)
        asks for a fresh code.
        """
        actor, number = person.actor, booking_of(refund_id)
        if fresh.is_asked_for:
            refund = orjson.loads(await services.payment_queries.one(REFUNDS, actor, refund_id))
            await fresh.must_be_there_to_refund(paise(refund["amount"]))

        async def build() -> Command:
            await services.payment_queries.one(REFUNDS, actor, refund_id)  # NotFound, before the booking is asked
            return RetryRefund(actor, refund_id)

        async def newest(seen: BookingWithTimeline[Any]) -> str:
            return await services.payment_queries.one(REFUNDS, actor, latest_attempt(seen.booking, refund_id).id)

        return await bookings.act(
            person,
            number,
            build,
            read=newest,
            named=f"refund {refund_id}",
            refusals={ActionNotAllowed: NothingPending(f"refund {refund_id} is not pending")},
        )

    return router
