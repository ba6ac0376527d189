"""The frames of a socket: JSON objects with a ``type``, as text."""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from api import errors
from api.responses import AS_EVERYWHERE
from domain.errors import BookingError, Conflict, Invalid

Shape = TypeVar("Shape", bound=BaseModel)

BINARY, NOT_OVER, FULL, BROKEN = 1003, 4429, 1013, 1011
LOGIN, NO_LOGIN, TOO_MANY_SOCKETS = 4401, 4408, 4409
"""Codes with which a socket is closed; 1009 and 1012 are the server's."""
MOST_FRAMES, WINDOW = 20, 10.0
"""Frames of a client in so many seconds; the rest of that window is dropped."""
MOST_WINDOWS = 3
"""Windows with more than that, the last of which closes the socket."""


class Unreadable(Invalid):
    """A frame is a JSON object with a type"""


class UnknownType(Invalid):
    """There is no such type of frame"""


class AlreadyResumed(Conflict):
    """This socket has resumed already"""


class ShapeMismatch(Invalid):
    """The frame has the wrong shape"""


class Closing(Exception):
    """The socket has to be closed with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class FrameRate:
    """How many frames of a client are taken: windows begin with the first frame in them."""

    def __init__(self) -> None:
        self._since = -WINDOW
        self._frames = self._overrun = 0

    def takes(self, now: float) -> bool:
        """Whether one more is taken.

        Raises:
            Closing: this is the last window in which there were too many.
        """
        if now - self._since >= WINDOW:
            self._since, self._frames = now, 0
        self._frames += 1
        if self._frames == MOST_FRAMES + 1:
            self._overrun += 1
            if self._overrun >= MOST_WINDOWS:
                raise Closing(NOT_OVER, "too many frames")
        return self._frames <= MOST_FRAMES


def said_in(frame: str) -> dict[str, Any]:
    """What a client says.

    Raises:
        Unreadable: it is no object with a type.
    """
    try:
        said = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise Unreadable from None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        raise Unreadable
    return said


def shaped(shape: type[Shape], said: dict[str, Any]) -> Shape:
    """The same in the shape of its type.

    Raises:
        ShapeMismatch: it has another one.
    """
    try:
        return shape.model_validate(said)
    except ValidationError as wrong:
        fields = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in wrong.errors()[:20]]
        raise ShapeMismatch("; ".join(fields)[:2000]) from None


def frame(type: str, **fields: Any) -> str:  # noqa: A002 - the name on the wire
    """A frame for a client."""
    return orjson.dumps({"type": type, **fields}, option=AS_EVERYWHERE).decode()


def client_id_in(said: dict[str, Any]) -> str | None:
    """By what a client knows its own frame."""
    given = said.get("client_id")
    return given if isinstance(given, str) and len(given) <= 64 else None


async def refusal_of(fault: Exception) -> tuple[str, str]:
    """The code and the sentence that a request would be refused with."""
    if isinstance(fault, BookingError):
        return fault.code, fault.detail
    if isinstance(fault, DBAPIError):
        answer = await errors.on_database(None, fault)  # type: ignore[arg-type]  # it looks at no request
    elif isinstance(fault, errors.OUTAGES):
        answer = await errors.on_outage(None, fault)  # type: ignore[arg-type]  # nor does this
    else:
        answer = errors.fault_response(fault)
    body = orjson.loads(answer.body)
    return body["code"], body["detail"]
