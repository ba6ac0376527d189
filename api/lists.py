"""How lists answer: a plain list, the count of all and the neighbouring parts in headers."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from api.answers import reply


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is wanted, and where to say how long the whole is."""

    request: Request
    limit: int
    offset: int

    def of(self, rows: list[dict[str, Any]], total: int) -> Response:
        """The rows as they are; the headers say what else there is."""
        links = [f'<{self._at(0)}>; rel="first"']
        if self.offset > 0:
            links.append(f'<{self._at(max(0, self.offset - self.limit))}>; rel="prev"')
        if self.offset + self.limit < total:
            links.append(f'<{self._at(self.offset + self.limit)}>; rel="next"')
        return reply(rows, headers={"X-Total-Count": str(total), "Link": ", ".join(links)})

    def _at(self, offset: int) -> str:
        query = [
            (name, value) for name, value in self.request.query_params.multi_items() if name not in ("limit", "offset")
        ]
        return f"{self.request.url.path}?{urlencode([*query, ('limit', self.limit), ('offset', offset)])}"


async def part(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="After how many to begin")] = 0,
) -> Part:
    """The wanted part, from the query."""
    return Part(request, limit, offset)


Wanted = Annotated[Part, Depends(part)]
