"""How lists answer: a plain list, the count of all and the neighbouring pages in headers."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from api.responses import reply

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="After how many to begin")]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is wanted, and where to say how long the whole is."""

    request: Request
    limit: int
    offset: int

    def of(self, rows: list[dict[str, Any]], total: int) -> Response:
        """The rows as they are; the headers say what else there is."""
        return reply(rows, headers=page_headers(self.request, total, self.limit, self.offset))


async def page_request(request: Request, limit: Limit = 50, offset: Offset = 0) -> PageRequest:
    """The wanted page, from the query."""
    return PageRequest(request, limit, offset)


WantedPage = Annotated[PageRequest, Depends(page_request)]


def page_headers(request: Request, total: int, limit: int, offset: int) -> dict[str, str]:
    """The headers of a page: how many rows there are in all, and where its neighbours are."""
    offsets = {"first": 0}
    if offset > 0:
        offsets |= {"prev": max(0, offset - limit)}
    if offset + limit < total:
        offsets |= {"next": offset + limit, "last": (total - 1) // limit * limit}
    links = (f'<{_at(request, limit, beginning)}>; rel="{name}"' for name, beginning in offsets.items())
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}


def _at(request: Request, limit: int, offset: int) -> str:
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "offset")]
    return f"{request.url.path}?{urlencode([*query, ('limit', limit), ('offset', offset)])}"
