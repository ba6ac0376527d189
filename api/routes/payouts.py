"""Payouts: what was passed on to payees, for kinds that pass money on."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from adapters.postgres.payout_queries import payouts_visible_to
from api.bookings.dependencies import Services
from api.dependencies import CurrentUser, ReadConnection, requires
from api.lists import WantedPage
from api.schemas.fields import LARGEST_BOOKING_ID
from api.schemas.money_answers import PayoutAnswer
from domain.billing.payouts import PayoutState
from domain.people import SCOPE_OF_PAYOUTS

Reader = Annotated[CurrentUser, requires(SCOPE_OF_PAYOUTS)]


def payout_routes(answer: type[PayoutAnswer] = PayoutAnswer, payee: str = "payee_id") -> APIRouter:
    """The list in the shape of a kind: ``payee`` is its name for the payee's id, its further fields are details."""
    router = APIRouter(prefix="/payment", tags=["payments"])
    rows: Any = list[answer]  # type: ignore[valid-type]
    details = [name for name in answer.model_fields if name not in PayoutAnswer.model_fields and name != payee]

    @router.get("/payouts", response_model=rows, summary="Payouts, newest first")
    async def payouts(
        request: Request,
        person: Reader,
        services: Services,
        connection: ReadConnection,
        wanted: WantedPage,
        booking_id: Annotated[int | None, Query(ge=1, le=LARGEST_BOOKING_ID)] = None,
        state: PayoutState | None = None,
    ) -> Response:
        """A payee's own; all for an admin. `amount` is what is kept of it now."""
        given = {"booking_kind": services.kind.name, "viewer": person.id, "booking_id": booking_id}
        listing = payouts_visible_to(person.role, payee, details)
        return await wanted.of(connection, listing, **given, state=state and str(state))

    return router
