"""What people see of bookings, as bytes: kept while nothing that they were made of has changed, and named by an ETag.

Nothing is answered from memory alone: each read asks the rows whether the viewer may see the booking now, and whether
what is kept is still what would be made.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.postgres.booking_editions import BookingEditions, Edition
from api.bookings.service import BookingService
from api.responses import AS_EVERYWHERE
from domain.people import Actor

LARGEST = 32 * 2**20
"""Bytes of all bodies that one process keeps; the least recently read go first."""
_Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class View:
    """One booking as one person sees it. ``etag`` changes with whatever the body is made of."""

    edition: Edition
    etag: str
    body: bytes


class BookingViews:
    """The views of one process. ``build``: what else they depend on, the code that makes them above all."""

    def __init__(
        self, bookings: BookingService, editions: BookingEditions[Any], build: str, largest: int = LARGEST
    ) -> None:
        self._bookings = bookings
        self._editions = editions
        self._build = build
        self._largest = largest
        self._kept: OrderedDict[_Key, View] = OrderedDict()
        self._size = 0

    async def view(self, booking_id: int, viewer: Actor) -> View:
        """The booking as it is now.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        key = (booking_id, viewer.role, viewer.id)
        kept = self._kept.get(key)
        edition, seen = await self._editions.unless_known(booking_id, viewer, kept.edition if kept else None)
        if seen is None and kept is not None:
            if key in self._kept:
                self._kept.move_to_end(key)
            return kept
        assert seen is not None  # noqa: S101 - nothing was known
        body = orjson.dumps(self._bookings.shown(seen, viewer), option=AS_EVERYWHERE)
        view = View(edition, self._etag(key, edition), body)
        self._keep(key, view)
        return view

    def _etag(self, key: _Key, edition: Edition) -> str:
        """Weak: it names what is said, not how the bytes came about."""
        made_of = (self._build, *key, edition.version, edition.written, edition.shown, edition.problem, edition.beside)
        return f'W/"{hashlib.blake2b(repr(made_of).encode(), digest_size=12).hexdigest()}"'

    def _keep(self, key: _Key, view: View) -> None:
        self._drop(self._kept.pop(key, None))
        self._kept[key] = view
        self._size += len(view.body)
        while self._size > self._largest:
            self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, view: View | None) -> None:
        self._size -= len(view.body) if view else 0


def conditional(view: View, if_none_match: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer: without the body for whoever knows it. To be asked for again each time,
    and kept by nobody else: whether somebody may still see it is decided anew.
    """
    headers = {"ETag": view.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    return (304, headers, b"") if if_none_match and _named(if_none_match, view.etag) else (200, headers, view.body)


def _named(if_none_match: str, etag: str) -> bool:
    """Whether the condition of a request names this tag; compared weakly, as for every read."""
    plain = etag.removeprefix("W/")
    named = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return any(each in (plain, "*") for each in named)
