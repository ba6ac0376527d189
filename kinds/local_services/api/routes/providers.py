"""Providers, as everybody finds them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import ReadConnection
from api.lists import WantedPage
from kinds.local_services.api.queries import ProviderSearch, Where, must_have_point
from kinds.local_services.api.schemas.listing_answers import FoundProvider
from kinds.local_services.api.search_limit import count_search
from kinds.local_services.postgres.provider_search import providers as providers_like

router = APIRouter(prefix="/users/providers", tags=["users"])

Sort = Annotated[
    Literal["reputation", "rating", "distance", "name"],
    Query(description="The best, nearest or first one first; `distance` needs a `location` of two numbers"),
]


@router.get("", response_model=list[FoundProvider], summary="Search providers", dependencies=[Depends(count_search)])
async def providers(
    connection: ReadConnection, wanted: WantedPage, search: ProviderSearch, where: Where, sort: Sort = "reputation"
) -> Response:
    """Those who have an active listing that fits; of one address some searches a minute are answered."""
    must_have_point(sort, where)
    return await wanted.of(connection, providers_like(search, sort), **search.parameters())
