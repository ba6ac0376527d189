"""Money, for people: the ledger, cash at the door, a push for a refund."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from adapters.postgres.idempotency import Answer, Claim
from api.booking_dependencies import (
    AskedOnce,
    BookingId,
    ChildId,
    FrontDesk,
    MoneyNarrowed,
    PartOfList,
    Parts,
    listed,
    only,
    reply,
)
from api.booking_requests import cash_chosen, cash_collected
from api.dependencies import Person, requires
from api.schemas.booking_answers import BookingAnswer, PaymentAnswer, RefundAnswer
from api.schemas.payments import CashCollected
from domain.errors import NotFound, NothingPending
from domain.payments import RefundStatus
from domain.people import Role

router = APIRouter(prefix="/payment", tags=["Payments"])

Payer = Annotated[Person, requires("WRITE:PAYMENTS")]
Reader = Annotated[Person, requires("READ:PAYMENTS")]
PAYMENTS, REFUNDS = "payments", "refunds"


@router.get("/", response_model=list[PaymentAnswer], summary="Payments, newest first")
async def payments(
    request: Request, person: Reader, parts: Parts, part: PartOfList, narrowed: MoneyNarrowed
) -> Response:
    """A customer's own; all for an admin; none for a mechanic."""
    return listed(request, await parts.payments.page(PAYMENTS, person.actor, narrowed, part), part)


@router.get("/refunds", response_model=list[RefundAnswer], summary="Refunds, newest first")
async def refunds(
    request: Request,
    person: Annotated[Person, requires("READ:REFUNDS")],
    parts: Parts,
    part: PartOfList,
    narrowed: MoneyNarrowed,
) -> Response:
    """A customer's own; all for an admin."""
    return listed(request, await parts.payments.page(REFUNDS, person.actor, narrowed, part), part)


@router.get("/{payment_id}", response_model=PaymentAnswer, summary="A payment")
async def payment(payment_id: ChildId, person: Reader, parts: Parts) -> Response:
    """By the id that the booking and the list show."""
    return reply(Answer(200, await parts.payments.one(PAYMENTS, person.actor, payment_id)))


@router.post("/cash-on-delivery/{booking_id}", response_model=BookingAnswer, summary="Pay in cash at the door")
async def cash_on_delivery(booking_id: BookingId, person: Payer, desk: FrontDesk, ticket: AskedOnce) -> Response:
    """The customer chooses cash for the estimate; the drop mechanic opens the collection. Repeatable."""
    return reply(await desk.act(person.actor, booking_id, ticket, lambda: cash_chosen(person.actor)))


@router.post("/verify-cod", response_model=BookingAnswer, summary="The cash was collected")
async def verify_cash(body: CashCollected, person: Payer, desk: FrontDesk, ticket: AskedOnce) -> Response:
    """By the drop mechanic or an admin; the amount must be the amount due, to the paisa."""
    only(person.actor, Role.MECHANIC, Role.ADMIN)
    actor = person.actor
    return reply(await desk.act(actor, body.booking_id, ticket, lambda: cash_collected(actor, body.amount)))


@router.post("/refunds/{refund_id}/retry", response_model=RefundAnswer, summary="Try a refund now")
async def retry_refund(
    refund_id: ChildId,
    person: Annotated[Person, requires("WRITE:REFUNDS")],
    parts: Parts,
    ticket: AskedOnce,
) -> Response:
    """Instead of waiting for the next try; 409 when it is not pending."""
    only(person.actor, Role.ADMIN)

    async def push(_: Claim | None, __: str) -> Answer:
        refund = await parts.payments.refund(refund_id)
        if refund is None:
            raise NotFound(f"there is no refund {refund_id}")
        key, status = refund
        if status != RefundStatus.PENDING or not await parts.engine.retry_refund(key):
            raise NothingPending(f"refund {refund_id} is not pending")
        return Answer(200, await parts.payments.one(REFUNDS, person.actor, refund_id))

    return reply(await parts.desk.once(person.actor.id, ticket, push))
