"""Accounting: ledger, takings, reconciliations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from adapters.pages import Page
from adapters.postgres.ledger_queries import RECONCILIATIONS, TAKINGS, entries_visible_to
from adapters.postgres.visibility import viewer_of
from api.bookings.dependencies import Services
from api.dependencies import CurrentUser, OpenResources, ReadConnection, requires
from api.lists import WantedPage, listed
from api.responses import reply
from api.schemas.fields import LARGEST_BOOKING_ID, Day
from api.schemas.money_answers import (
    LedgerEntryAnswer,
    ReconciliationAnswer,
    ReconciliationStarted,
    TakingsAnswer,
)
from domain.billing.ledger import EntryKind
from domain.people import Role

router = APIRouter(prefix="/payment", tags=["payments"])

Payee = Annotated[CurrentUser, requires("READ:PAYMENTS")]
Bookkeeper = Annotated[CurrentUser, requires("READ:PAYMENTS", roles=(Role.ADMIN,))]
Auditor = Annotated[CurrentUser, requires("WRITE:PAYMENTS", roles=(Role.ADMIN,))]
BookingNumber = Annotated[int | None, Query(ge=1, le=LARGEST_BOOKING_ID)]
Since = Annotated[Day | None, Query(alias="from")]
Until = Annotated[Day | None, Query(alias="to")]


@router.get("/ledger", response_model=list[LedgerEntryAnswer], summary="Every paisa in and out, newest first")
async def ledger(
    request: Request,
    person: Payee,
    services: Services,
    connection: ReadConnection,
    opened: OpenResources,
    wanted: WantedPage,
    booking_id: BookingNumber = None,
    kind: EntryKind | None = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """A customer's own; a payee's transfers; all for an admin; none for who reads no amounts. Dates are the shop's.

    Entries are never changed: a correction is another.
    """
    entries = entries_visible_to(person.role, pays_out=services.kind.pays_out)
    if not services.kind.sees_money(person.role):
        return listed(request, Page("[]", 0), wanted.part_of(entries))
    narrowed = {"booking_id": booking_id, "kind": kind and str(kind), "since": since, "until": until}
    narrowed["zone"] = opened.settings.company.shop_timezone
    asked = {**viewer_of(services.kind, person.actor), **narrowed}
    return await wanted.of(connection, entries, **asked)


@router.get("/takings", response_model=list[TakingsAnswer], summary="What came in, by day or month")
async def takings(
    person: Bookkeeper,
    services: Services,
    connection: ReadConnection,
    opened: OpenResources,
    wanted: WantedPage,
    by: Annotated[Literal["day", "month"], Query(description="How much goes into a row")] = "day",
    since: Since = None,
    until: Until = None,
) -> Response:
    """Of the whole shop, in its time zone, with what was invoiced and the GST in it."""
    asked = {"by": by, "zone": opened.settings.company.shop_timezone, "since": since, "until": until}
    asked["booking_kind"] = services.kind.name
    return await wanted.of(connection, TAKINGS, **asked)


@router.get("/reconciliations", response_model=list[ReconciliationAnswer], summary="Do the books agree?")
async def reconciliations(
    person: Bookkeeper, services: Services, connection: ReadConnection, wanted: WantedPage
) -> Response:
    """Every comparison with the provider, the bookings, the documents and the workflows, newest first."""
    return await wanted.of(connection, RECONCILIATIONS, booking_kind=services.kind.name)


@router.post("/reconciliations", status_code=202, response_model=ReconciliationStarted, summary="Compare the books now")
async def reconcile(person: Auditor, services: Services) -> Response:
    """It happens every night by itself. One at a time: a second request joins the first."""
    await services.payment_client.reconcile()
    return reply({"status": "running", "url": "/api/v1/payment/reconciliations"}, 202)
