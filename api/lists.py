"""How lists answer: a plain list, the count of all and the neighbouring pages in headers.

The link ``next`` of lists that grow without end begins behind the last row that was answered, which costs the same
however far it is; the others count, as ``offset`` does.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from api.responses import reply

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="After how many to begin")]
After = Annotated[
    str | None,
    Query(
        pattern="^[A-Za-z0-9_-]{1,200}$",
        description="Behind which row to begin, as the link `next` has it; `offset` counts from there",
    ),
]
_LARGEST = 2**63 - 1  # that a row can have
_NAMES = ("limit", "offset", "after")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is wanted, and where to say how long the whole is."""

    request: Request
    limit: int
    offset: int

    def of(self, rows: list[dict[str, Any]], total: int) -> Response:
        """The rows as they are; the headers say what else there is."""
        url = self.request.url.path, self.request.query_params.multi_items()
        return reply(rows, headers=page_headers(*url, total, self.limit, self.offset))


async def page_request(request: Request, limit: Limit = 50, offset: Offset = 0) -> PageRequest:
    """The wanted page, from the query."""
    return PageRequest(request, limit, offset)


WantedPage = Annotated[PageRequest, Depends(page_request)]


def place_of(after: str, *parts: type) -> tuple[Any, ...]:
    """The place of a row in its list, from a link; ``parts`` are what it is made of.

    Raises:
        RequestValidationError: no list of ours has said this.
    """
    try:
        place = orjson.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(parts) or _too_large(place):
        wrong = {"type": "place", "loc": ("query", "after"), "msg": "Not a place in this list", "input": after}
        raise RequestValidationError([wrong])
    return tuple(place)


def _too_large(place: list[Any]) -> bool:
    return any(isinstance(part, int) and abs(part) > _LARGEST for part in place)


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

    ``last``: the place of its last row, if the list has places and others follow. ``behind``: it began at a place, so
    that nobody knows how many rows are before it.
    """
    at: dict[str, tuple[str, str | int]] = {"first": ("offset", 0)}
    if offset > 0 and not behind:
        at["prev"] = ("offset", max(0, offset - limit))
    if last is not None:
        at["next"] = ("after", base64.urlsafe_b64encode(last.encode()).rstrip(b"=").decode())
    elif offset + limit < total and not behind:
        at["next"] = ("offset", offset + limit)
    if offset + limit < total and not behind:
        at["last"] = ("offset", (total - 1) // limit * limit)
    kept = [(name, value) for name, value in query if name not in _NAMES]
    links = (f'<{path}?{urlencode([*kept, ("limit", limit), where])}>; rel="{name}"' for name, where in at.items())
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}
