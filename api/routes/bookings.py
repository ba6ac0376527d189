"""Bookings as the engine reads them for every kind: lists, one booking, its timeline."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from adapters.pages import Filters
from api.bookings.dependencies import BookingId, Page, Services
from api.bookings.views import conditional
from api.dependencies import CurrentUser, requires
from api.kind import BookingModels
from api.lists import listed
from api.responses import reply
from domain.kind import ViewContext
from domain.people import Role
from domain.views import timeline_view

Reader = Annotated[CurrentUser, requires("READ:BOOKINGS")]
Overseer = Annotated[CurrentUser, requires("READ:BOOKINGS", roles=(Role.ADMIN,))]


def booking_routes(models: BookingModels) -> APIRouter:
    """The routes, with the shapes and filters of a kind."""
    router = APIRouter(prefix="/bookings", tags=["bookings"])
    rows: Any = list[models.row]  # type: ignore[name-defined]
    entries: Any = list[models.timeline_entry]  # type: ignore[name-defined]

    @router.get("/customer", response_model=rows, summary="My bookings, newest first")
    async def own(
        request: Request,
        person: Reader,
        services: Services,
        part: Page,
        narrowed: Annotated[Filters, Depends(models.filters)],
        customer_id: models.customer = None,  # type: ignore[name-defined]
    ) -> Response:
        """A customer's own; an admin names the customer; others have none."""
        whose = customer_id if person.actor.role == Role.ADMIN and customer_id else person.actor.id
        page = await services.lists.page(Role.CUSTOMER, replace(narrowed, customer_id=whose), part)
        return listed(request, page, part)

    @router.get("/", response_model=rows, summary="All bookings")
    async def everybodys(
        request: Request,
        person: Overseer,
        services: Services,
        part: Page,
        narrowed: Annotated[Filters, Depends(models.filters)],
        customer_id: models.customer = None,  # type: ignore[name-defined]
        participant: models.participant = None,  # type: ignore[name-defined]
    ) -> Response:
        """For admins."""
        wanted = replace(narrowed, customer_id=customer_id, participant_id=participant)
        return listed(request, await services.lists.page(Role.ADMIN, wanted, part), part)

    @router.get(
        "/{booking_id}",
        response_model=models.booking,
        summary="Everything about a booking",
        responses={304: {"description": "As the ETag in If-None-Match names it", "model": None}},
    )
    async def detail(
        booking_id: BookingId,
        person: Reader,
        services: Services,
        if_none_match: Annotated[str, Header(description="The ETag of what is known")] = "",
    ) -> Response:
        """As the caller may see it, with what it waits for and what the caller may do now."""
        view = await services.views.view(booking_id, person.actor)
        status, headers, body = conditional(view, if_none_match)
        return Response(body, status, headers, "application/json" if body else None)

    @router.get("/{booking_id}/timeline", response_model=entries, summary="Every move, in order")
    async def timeline(booking_id: BookingId, person: Reader, services: Services) -> Response:
        """Versions 1 to n without a gap."""
        news = await services.queries.events_after(booking_id, person.actor, 0)
        context = ViewContext("", rows=news.beside)
        return reply(timeline_view(services.kind, news.entries, person.actor.role, context))

    return router
