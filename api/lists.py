"""How lists answer: a plain list, the count of all and the neighbouring pages in headers.

The link ``next`` begins behind the last row that was answered: rows that come and go in between neither repeat a row
nor leave one out. Whoever names an ``offset`` has counted themselves.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.pages import Page, Slice
from adapters.postgres.listings import Listing, page_of
from api.responses import AS_EVERYWHERE
from api.schemas.fields import NoNul

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="After how many to begin")]
After = Annotated[
    str | None,
    Query(
        pattern="^[A-Za-z0-9_-]{1,2000}$",
        description="Behind which row to begin, as the link `next` has it; `offset` counts from there",
    ),
]
_NAMES = ("limit", "offset", "after")
Json = dict[str, Any]

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Words = Annotated[str, NoNul]
ISODay = Annotated[date, AfterValidator(date.isoformat)]
PartOfPlace = Any
"""A type: what a part of a row's place in its list is made of."""


def _moment(said: str) -> str:
    """As ISO 8601, which PostgreSQL reads whatever it was that we could read."""
    if said == "infinity":
        return said
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.isoformat()


Moment = Annotated[str, AfterValidator(_moment)]
"""As PostgreSQL writes it; of what has no end, "infinity"."""
_PARTS: dict[str, PartOfPlace] = {"bigint": Whole, "text": Words, "timestamptz": Moment, "date": ISODay}


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is wanted."""

    request: Request
    limit: int
    offset: int
    after: str | None

    def part(self, *parts: PartOfPlace) -> Slice:
        """The same for a list whose places are made of these parts."""
        return Slice(self.limit, self.offset, after=None if self.after is None else place_of(self.after, *parts))

    def part_of(self, listing: Listing) -> Slice:
        """The same for a list in PostgreSQL."""
        return self.part(*(_PARTS[each.type] for each in listing.sorted_by))

    def rows(self, rows: list[Json], total: int, last: str | None, part: Slice) -> Response:
        """That part of a list which is kept elsewhere."""
        return listed(self.request, Page(dumped(rows), total, last), part)

    async def of(
        self,
        connection: AsyncConnection,
        listing: Listing,
        seen: Callable[[Json], Json] | None = None,
        /,
        **parameters: Any,
    ) -> Response:
        """That page of a list in PostgreSQL; ``seen``: what the viewer sees of a row, if it is not all."""
        answer, _ = await self.with_beside(connection, listing, seen, **parameters)
        return answer

    async def with_beside(
        self,
        connection: AsyncConnection,
        listing: Listing,
        seen: Callable[[Json], Json] | None = None,
        /,
        **parameters: Any,
    ) -> tuple[Response, Json | None]:
        """The same, and what the list tells beside its rows."""
        part = self.part_of(listing)
        page = await page_of(connection, listing, part, **parameters)
        if seen is not None:
            page = replace(page, rows=dumped([seen(row) for row in orjson.loads(page.rows)]))
        return listed(self.request, page, part), orjson.loads(page.beside) if page.beside else None


async def page_request(request: Request, limit: Limit = 50, offset: Offset = 0, after: After = None) -> PageRequest:
    """The wanted page, from the query."""
    return PageRequest(request, limit, offset, after)


WantedPage = Annotated[PageRequest, Depends(page_request)]


def dumped(rows: list[Json]) -> str:
    """Rows as the JSON text of a ``Page``."""
    return orjson.dumps(rows, option=AS_EVERYWHERE).decode()


def listed(request: Request, found: Page, part: Slice, body: Callable[[str], str] = lambda rows: rows) -> Response:
    """A page of a list, with the total count and links to the other pages."""
    url = request.url.path, request.query_params.multi_items()
    behind = part.after is not None
    headers = page_headers(*url, found.total, part.limit, part.offset, last=found.last, behind=behind)
    return Response(body(found.rows), media_type="application/json", headers=headers)


def place_of(after: str, *parts: PartOfPlace) -> tuple[Any, ...]:
    """The place of a row in its list, from a link; ``parts`` are the types of what it is made of.

    Raises:
        RequestValidationError: no list of ours has said this.
    """
    try:
        return _place(parts).validate_json(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError):
        wrong = {"type": "place", "loc": ("query", "after"), "msg": "Not a place in this list", "input": after}
        raise RequestValidationError([wrong]) from None


@lru_cache(100)
def _place(parts: tuple[PartOfPlace, ...]) -> TypeAdapter[tuple[Any, ...]]:
    return TypeAdapter(tuple[parts], config=ConfigDict(strict=True))  # type: ignore[valid-type]


def page_headers(
    path: str,
    query: Sequence[tuple[str, str]],
    total: int,
    limit: int,
    offset: int,
    *,
    last: str | None = None,
    behind: bool = False,
) -> dict[str, str]:
    """The headers of a page: how many rows there are in all, and where its neighbours are.

    ``last``: the place of its last row, if others follow. ``behind``: it began at a place, so
    that nobody knows how many rows are before it.
    """
    at: dict[str, tuple[str, str | int]] = {"first": ("offset", 0)}
    if offset > 0 and not behind:
        at["prev"] = ("offset", max(0, offset - limit))
    if last is not None:
        at["next"] = ("after", base64.urlsafe_b64encode(last.encode()).rstrip(b"=").decode())
    if offset + limit < total and not behind:
        at["last"] = ("offset", (total - 1) // limit * limit)
    kept = [(name, value) for name, value in query if name not in _NAMES]
    links = (f'<{path}?{urlencode([*kept, ("limit", limit), where])}>; rel="{name}"' for name, where in at.items())
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}
