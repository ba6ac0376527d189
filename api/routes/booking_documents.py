"""The documents of a booking: invoice and credit notes, as JSON and as PDF."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Response

from adapters.documents.printer import DocumentPrinter
from adapters.postgres.payment_queries import StoredDocument
from api.bookings.dependencies import BookingId, Services
from api.dependencies import CurrentUser, OpenResources, requires
from api.documents.views import invoice_view
from api.kind import BookingModels
from api.services import BookingServices
from domain.billing.documents import CREDIT_NOTE, INVOICE
from domain.errors import NotFound
from domain.kind import BookingKind
from domain.people import Actor

Number = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9/-]+$", examples=["CN-2627-000001"])]


class Pdf(Response):
    """A printed document."""

    media_type = "application/pdf"


def document_routes(kind: BookingKind[Any], models: BookingModels) -> APIRouter:
    """The routes, for those roles of a kind that read amounts, with the kind's shapes."""
    router = APIRouter(prefix="/bookings/{booking_id}", tags=["bookings"])
    readers = requires("READ:BOOKINGS", roles=tuple(role.name for role in kind.roles if role.sees_money))
    Reader = Annotated[CurrentUser, readers]  # noqa: N806 - a type

    @router.get("/invoice", response_model=models.invoice, summary="The invoice")
    async def invoice(booking_id: BookingId, person: Reader, services: Services) -> Response:
        """Issued once, when the money is in; a fee has an invoice of its own."""
        document = await _document(services, person.actor, booking_id, INVOICE, leg=kind.document_leg)
        return Response(orjson.dumps(invoice_view(document)), media_type="application/json")

    @router.get("/invoice.pdf", response_class=Pdf, summary="The invoice, printed")
    async def invoice_pdf(booking_id: BookingId, person: Reader, services: Services, opened: OpenResources) -> Response:
        """The same bytes every time."""
        document = await _document(services, person.actor, booking_id, INVOICE, leg=kind.document_leg)
        return await _printed(opened.printer, document)

    @router.get("/credit-notes/{number}.pdf", response_class=Pdf, summary="A credit note, printed")
    async def credit_note_pdf(
        booking_id: BookingId, number: Number, person: Reader, services: Services, opened: OpenResources
    ) -> Response:
        """What takes back an invoice, wholly or in part."""
        return await _printed(opened.printer, await _document(services, person.actor, booking_id, CREDIT_NOTE, number))

    return router


def leg_document_routes(kind: BookingKind[Any], models: BookingModels, leg: str, name: str) -> APIRouter:
    """The invoice of another leg than that of the booking, ``/commission-invoice``, for whom it is issued to.

    ``leg``: of the invoice; ``name``: of the path, and the words of its summary with blanks for its hyphens.
    """
    router = APIRouter(prefix="/bookings/{booking_id}", tags=["bookings"])
    readers = requires("READ:BOOKINGS", roles=tuple(role.name for role in kind.roles if role.sees_money))
    Reader = Annotated[CurrentUser, readers]  # noqa: N806 - a type
    words, operation = f"The {name.replace('-', ' ')}", name.replace("-", "_")

    @router.get(f"/{name}", response_model=models.invoice, summary=words, name=operation)
    async def of_leg(booking_id: BookingId, person: Reader, services: Services) -> Response:
        document = await _document(services, person.actor, booking_id, INVOICE, leg=leg)
        return Response(orjson.dumps(invoice_view(document, f"{name}.pdf")), media_type="application/json")

    @router.get(f"/{name}.pdf", response_class=Pdf, summary=f"{words}, printed", name=f"{operation}_pdf")
    async def of_leg_printed(
        booking_id: BookingId, person: Reader, services: Services, opened: OpenResources
    ) -> Response:
        return await _printed(opened.printer, await _document(services, person.actor, booking_id, INVOICE, leg=leg))

    return router


async def _document(
    services: BookingServices,
    viewer: Actor,
    booking_id: int,
    kind: str,
    number: str | None = None,
    leg: str | None = None,
) -> StoredDocument:
    document = await services.payment_queries.document(viewer, booking_id, kind, number, leg)
    if document is None:
        await services.queries.visible_version(viewer, booking_id)
        raise NotFound(f"there is no {kind.replace('-', ' ')} {number or 'of this booking yet'}")
    return document


async def _printed(printer: DocumentPrinter, document: StoredDocument) -> Pdf:
    content = await printer.render(document.facts)
    name = document.facts.number.replace("/", "-")
    return Pdf(content, headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
