"""Categories and listings: readable without a login, categories kept by admins, listings by their providers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from adapters.postgres.listings import Listing
from api.dependencies import CurrentUser, OptionalUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.reference_routes import RowIdInPath, given
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import Unauthenticated
from kinds.local_services.api import listings as service
from kinds.local_services.api.listings import must_be_theirs
from kinds.local_services.api.people import PhoneVerified
from kinds.local_services.api.queries import ListingSearch, Where, must_have_point
from kinds.local_services.api.schemas.listing_answers import CategoryAnswer, FoundListing, ListingAnswer
from kinds.local_services.api.schemas.listings import CategoryChange, ListingChange, NewCategory, NewListing
from kinds.local_services.api.search_limit import count_search
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres import categories as category_rows
from kinds.local_services.postgres import listings as rows

router = APIRouter(prefix="/services", tags=["services"])

ListingId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[12])]
Sort = Annotated[
    Literal["-created_at", "price", "-price", "rating", "distance"],
    Query(description="`rating`: the best first, those without one last; `distance` needs a `location` of two numbers"),
]
Active = Annotated[bool, Query(description="`false`: one's own that take no requests; of everybody for admins")]


@router.get("/categories", response_model=list[CategoryAnswer], summary="Categories")
async def categories(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(category_rows.CATEGORIES.rows))


@router.post("/categories", status_code=201, response_model=CategoryAnswer, summary="Add a category")
async def add_category(
    person: Annotated[CurrentUser, requires("WRITE:CATEGORIES")], connection: WriteTransaction, body: NewCategory
) -> Response:
    return reply(await category_rows.add(connection, person.id, given(body)), 201)


@router.patch("/categories/{row_id}", response_model=CategoryAnswer, summary="Change a category")
async def change_category(
    person: Annotated[CurrentUser, requires("UPDATE:CATEGORIES")],
    connection: WriteTransaction,
    row_id: RowIdInPath,
    body: CategoryChange,
) -> Response:
    """Bookings keep the tax case and the code that they were made with."""
    return reply(await category_rows.change(connection, person.id, row_id, given(body)))


@router.delete("/categories/{row_id}", response_model=Message, summary="Remove a category that no listing has")
async def remove_category(
    person: Annotated[CurrentUser, requires("DELETE:CATEGORIES")], connection: WriteTransaction, row_id: RowIdInPath
) -> Response:
    await category_rows.remove(connection, person.id, row_id)
    return done("the category was removed")


@router.get(
    "/listings", response_model=list[FoundListing], summary="Search listings", dependencies=[Depends(count_search)]
)
async def listings(
    connection: ReadConnection,
    wanted: WantedPage,
    viewer: OptionalUser,
    search: ListingSearch,
    where: Where,
    sort: Sort = "-created_at",
    is_active: Active = True,
) -> Response:
    """Those that cover the point of `location`, and those that are done anywhere: these have no `distance_km` and come
    last. Of one address some searches a minute are answered."""
    must_have_point(sort, where)
    if not is_active:
        if viewer is None:
            raise Unauthenticated("log in to see your own listings that take no requests")
        search = search.of_inactive(must_be_theirs(viewer))
    return await wanted.of(connection, rows.listings_like(search, sort), **search.parameters())


@router.get("/listings/{listing_id}", response_model=ListingAnswer, summary="One listing")
async def listing(connection: ReadConnection, viewer: OptionalUser, listing_id: ListingId) -> Response:
    """One that takes no requests only to its provider and to admins, who also see those that were deleted."""
    everything = viewer is not None and viewer.role == Role.ADMIN
    return reply(await rows.listing_seen(connection, listing_id, viewer.id if viewer else None, everything=everything))


@router.post("/listings", status_code=201, response_model=ListingAnswer, summary="Offer a service")
async def add_listing(
    person: Annotated[CurrentUser, requires("WRITE:LISTINGS")],
    _verified: PhoneVerified,
    connection: WriteTransaction,
    body: NewListing,
) -> Response:
    """One's own; admins name whose. A provider has at most 50."""
    return reply(await service.add(connection, person, body), 201)


@router.patch("/listings/{listing_id}", response_model=ListingAnswer, summary="Change a listing")
async def change_listing(
    person: Annotated[CurrentUser, requires("UPDATE:LISTINGS")],
    connection: WriteTransaction,
    listing_id: ListingId,
    body: ListingChange,
) -> Response:
    """One's own; admins anybody's. Bookings keep what they were made with."""
    return reply(await service.change(connection, person, listing_id, body))


@router.delete("/listings/{listing_id}", response_model=Message, summary="Hide a listing for good")
async def hide_listing(
    person: Annotated[CurrentUser, requires("DELETE:LISTINGS")], connection: WriteTransaction, listing_id: ListingId
) -> Response:
    """Bookings of it go on."""
    await service.hide(connection, person, listing_id)
    return done("the listing was deleted")
